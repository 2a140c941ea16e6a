import { lazy, Suspense } from 'solid-js';
import { render } from 'solid-js/web';

const App = lazy(() => import('./App.jsx'));

render(
  () => (
    <Suspense>
      <App />
    </Suspense>
  ),
  document.getElementById('app'),
);
