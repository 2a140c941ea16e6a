// What is done here, and why, is told in signals_linux.go.
#include "native_linux.h"

static stack_t go_stack; // of the main thread

void casement_to_go(stack_t *was) {
  if (sigaltstack(NULL, was) == 0 && (was->ss_flags & SS_DISABLE) && go_stack.ss_sp)
    sigaltstack(&go_stack, NULL);
}

void casement_to_c(const stack_t *was) {
  if (was->ss_flags & SS_DISABLE)
    sigaltstack(was, NULL);
}

static int on_stack(int s, gboolean on) {
  struct sigaction sa;
  if (sigaction(s, NULL, &sa) != 0 || !(sa.sa_flags & SA_ONSTACK) == !on)
    return 0;
  if (!(sa.sa_flags & SA_SIGINFO) && (sa.sa_handler == SIG_DFL || sa.sa_handler == SIG_IGN))
    return 0;
  sa.sa_flags ^= SA_ONSTACK;
  return sigaction(s, &sa, NULL) == 0;
}

void casement_run(void) {
  stack_t off = {.ss_flags = SS_DISABLE};
  on_stack(SIGUSR1, TRUE);
  sigaltstack(NULL, &go_stack);
  sigaltstack(&off, NULL);
  gtk_main();
  sigaltstack(&go_stack, NULL);
  on_stack(SIGUSR1, FALSE);
}

void casement_warm_up(void) {
  static gboolean warm;
  if (warm)
    return;
  warm = TRUE;

  // JavaScriptCore takes SIGUSR1 in any case; where it finds Go's handler it says so on the standard error of every start.
  struct sigaction go, none = {.sa_handler = SIG_DFL}, now;
  sigaction(SIGUSR1, &none, &go);
  webkit_web_context_get_default(); // first: after a JSCContext of one's own, no page ever loads
  JSCContext *context = jsc_context_new();
  JSCValue *value = jsc_context_evaluate(context, "new Map([[1, 2]]).get(1)", -1);
  g_object_unref(value);
  g_object_unref(context);
  sigaction(SIGUSR1, NULL, &now);
  if (!(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
    sigaction(SIGUSR1, &go, NULL);
}

int casement_onstack(void) {
  // What the processor raises on the thread that is at fault, which may be any of Go's.
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  int repaired = 0;
  for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
    repaired += on_stack(faults[i], TRUE);
  return repaired;
}
