import { createRoot } from 'react-dom/client';
import { lazy, Suspense } from 'react';

const App = lazy(() => import('./App.jsx'));

createRoot(document.getElementById('app')).render(
  <Suspense>
    <App />
  </Suspense>,
);
