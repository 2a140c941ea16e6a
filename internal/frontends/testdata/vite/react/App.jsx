import { useEffect, useState } from 'react';
import { follow, heading } from '../route.js';
import '../app.css';

export default function App() {
  const [count, setCount] = useState(0);
  const [shown, setShown] = useState(heading);
  const go = (event) => {
    follow(event);
    setShown(heading());
  };
  useEffect(() => {
    window.started = true;
  }, []);
  return (
    <>
      <a href="/about" onClick={go}>about</a> <a href="/users/7" onClick={go}>user 7</a>
      <button id="count" type="button" onClick={() => setCount((n) => n + 1)}>{`count ${count}`}</button>
      <h1>{shown}</h1>
    </>
  );
}
