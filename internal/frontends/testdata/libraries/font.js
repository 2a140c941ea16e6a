import '@fontsource/roboto-mono/latin-400.css';

// font returns the state of a web font, and whether text has it: in it, an i is as wide as an m.
export async function font() {
  const [face] = await document.fonts.load('16px "Roboto Mono"', 'im');
  const context = document.createElement('canvas').getContext('2d');
  context.font = '16px "Roboto Mono", serif';
  return [face?.status, context.measureText('i').width === context.measureText('m').width];
}
