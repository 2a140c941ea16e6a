/** tabs makes the buttons of a tab list switch between their panels. */
export function tabs(list: HTMLElement, changed: (tab: HTMLElement) => void): void {
  const all = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
  const select = (chosen: HTMLElement): void => {
    for (const tab of all) {
      const on = tab === chosen;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      if (panel !== null) {
        panel.hidden = !on;
      }
    }
    changed(chosen);
  };
  for (const tab of all) {
    tab.addEventListener('click', () => select(tab));
  }
  list.addEventListener('keydown', (event) => {
    const at = all.indexOf(event.target as HTMLElement);
    const to = at < 0 ? undefined : all.at(next(event.key, at, all.length));
    if (to !== undefined && to !== all[at]) {
      event.preventDefault();
      to.focus();
      select(to);
    }
  });
}

function next(key: string, at: number, count: number): number {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return at - 1;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return at;
  }
}
