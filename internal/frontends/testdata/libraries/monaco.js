import * as monaco from 'monaco-editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import TypeScriptWorker from 'monaco-editor/language/typescript/ts.worker?worker';

self.MonacoEnvironment = {
  getWorker: (_, label) => (label === 'typescript' ? new TypeScriptWorker() : new EditorWorker()),
};

// diagnose returns the errors that the TypeScript worker finds in a program.
export function diagnose() {
  monaco.editor.create(document.getElementById('editor'), {
    language: 'typescript',
    value: "const n: number = 'text';\n",
  });
  return new Promise((resolve) => {
    monaco.editor.onDidChangeMarkers(([uri]) => {
      const messages = monaco.editor.getModelMarkers({ resource: uri }).map(({ message }) => message);
      if (messages.length > 0) resolve(messages);
    });
  });
}
