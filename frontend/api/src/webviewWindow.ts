/**
 * The page's own window, under the names that frontends written for Tauri use. A window of Casement's
 * has exactly one webview, so a `WebviewWindow` is a {@link Window}.
 *
 * @module
 */
import { getAllWindows, getCurrentWindow, Window } from './window.js';

export {
  getAllWindows as getAllWebviewWindows,
  getCurrentWindow as getCurrentWebviewWindow,
  Window as WebviewWindow,
};
