import { afterNextRender, Component, input, provideZonelessChangeDetection, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter, RouterLink, RouterOutlet, withComponentInputBinding } from '@angular/router';

@Component({ template: '<h1>Home</h1>' })
class Home {}

@Component({ template: '<h1>About</h1>' })
class About {}

@Component({ template: '<h1>User {{ id() }}</h1>' })
class User {
  readonly id = input.required<string>();
}

@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterOutlet],
  template: `
    <a routerLink="/about">about</a> <a routerLink="/users/7">user 7</a>
    <button id="count" type="button" (click)="increment()">count {{ count() }}</button>
    <router-outlet />
  `,
})
class App {
  readonly count = signal(0);

  constructor() {
    afterNextRender(() => {
      (window as { started?: boolean }).started = true;
    });
  }

  increment(): void {
    this.count.update((n) => n + 1);
  }
}

bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter(
      [
        { path: '', component: Home },
        { path: 'about', component: About },
        { path: 'users/:id', component: User },
      ],
      withComponentInputBinding(),
    ),
  ],
}).catch(console.error);
