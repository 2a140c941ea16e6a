'use client';

import { useEffect, useState } from 'react';

export function Count() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    window.started = true;
  }, []);
  return <button id="count" type="button" onClick={() => setCount((n) => n + 1)}>{`count ${count}`}</button>;
}
