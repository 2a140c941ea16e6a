import { GlobalWorkerOptions, getDocument, PDFWorker } from 'pdfjs-dist';
import worker from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import url from './tiny.pdf?url&no-inline';

GlobalWorkerOptions.workerSrc = worker;

// render returns whether a worker renders, the text of a page, a pixel in its red rectangle, and one beside it.
export async function render(canvas) {
  const thread = new PDFWorker();
  const page = await (await getDocument({ url, worker: thread }).promise).getPage(1);
  const viewport = page.getViewport({ scale: 1 });
  canvas.width = viewport.width;
  canvas.height = viewport.height;
  await page.render({ canvas, viewport }).promise;
  const context = canvas.getContext('2d');
  const pixel = (x, y) => [...context.getImageData(x, y, 1, 1).data];
  const { items } = await page.getTextContent();
  return [thread.port instanceof Worker, items.map(({ str }) => str).join(''), pixel(30, 70), pixel(80, 50)];
}
