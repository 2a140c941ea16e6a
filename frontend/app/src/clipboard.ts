/** copy copies the text of `source` to the clipboard and reports whether that worked. */
export async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    return copySelected(source);
  }
}

/** copySelected copies by way of the selection, which needs no permission for the clipboard. */
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
