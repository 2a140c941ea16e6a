import { useEffect, useState } from 'preact/hooks';

export default function Count() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    window.started = document.getElementById('bundled').textContent === 'ran';
  }, []);
  return <button id="count" type="button" onClick={() => setCount((n) => n + 1)}>{`count ${count}`}</button>;
}
