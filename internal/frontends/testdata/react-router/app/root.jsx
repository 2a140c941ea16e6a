import { useEffect, useState } from 'react';
import { Link, Links, Meta, Outlet, Scripts, ScrollRestoration } from 'react-router';
import './app.css';

export function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>React Router</title>
        <script dangerouslySetInnerHTML={{ __html: 'window.inlineRan = true;' }} />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export function HydrateFallback() {
  return <h1>Loading</h1>;
}

export default function Root() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    window.started = true;
  }, []);
  return (
    <>
      <Link to="/about">about</Link> <Link to="/users/7">user 7</Link>
      <button id="count" type="button" onClick={() => setCount((n) => n + 1)}>{`count ${count}`}</button>
      <Outlet />
    </>
  );
}
