/**
 * Windows, under the names of Tauri's package. A Casement window has exactly one webview, so a
 * `WebviewWindow` is a {@link Window}.
 *
 * @module
 */
import { getAllWindows, getCurrentWindow, Window } from './window.js';

export {
  getAllWindows as getAllWebviewWindows,
  getCurrentWindow as getCurrentWebviewWindow,
  Window as WebviewWindow,
};
