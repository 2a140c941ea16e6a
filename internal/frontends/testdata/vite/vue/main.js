import { createApp, defineAsyncComponent } from 'vue';

createApp(defineAsyncComponent(() => import('./App.vue'))).mount('#app');
