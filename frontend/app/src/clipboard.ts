/** copy puts the text of `source` on the clipboard and says whether that worked. */
export async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    return copySelected(source);
  }
}

/** A webview may withhold the clipboard interface; copying a selection needs no permission. */
function copySelected(source: HTMLElement): boolean {
  const selection = getSelection();
  if (selection === null) {
    return false;
  }
  selection.selectAllChildren(source);
  const copied = document.execCommand('copy');
  if (copied) {
    selection.removeAllRanges();
  }
  return copied;
}
