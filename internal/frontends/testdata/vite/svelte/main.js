import { mount } from 'svelte';

const { default: App } = await import('./App.svelte');
mount(App, { target: document.getElementById('app') });
