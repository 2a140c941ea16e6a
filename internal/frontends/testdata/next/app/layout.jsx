import Link from 'next/link';
import { Count } from './count.jsx';
import './global.css';

export const metadata = { title: 'Next' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <script dangerouslySetInnerHTML={{ __html: 'window.inlineRan = true;' }} />
        <Link href="/about">about</Link> <Link href="/users/7">user 7</Link>
        <Count />
        {children}
      </body>
    </html>
  );
}
