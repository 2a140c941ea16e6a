// See signals_linux.go for what this does and why.
#define _GNU_SOURCE
#include "native_linux.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// on_stack sets SA_ONSTACK on a signal's handler and reports whether it had to.
static int on_stack(int s) {
  struct sigaction sa;
  if (sigaction(s, NULL, &sa) != 0 || (sa.sa_flags & SA_ONSTACK))
    return 0;
  if (!(sa.sa_flags & SA_SIGINFO) && (sa.sa_handler == SIG_DFL || sa.sa_handler == SIG_IGN))
    return 0;
  sa.sa_flags |= SA_ONSTACK;
  return sigaction(s, &sa, NULL) == 0;
}

#if defined(__x86_64__)
#define STACK_POINTER(context) ((uintptr_t)((ucontext_t *)(context))->uc_mcontext.gregs[REG_RSP])
#elif defined(__aarch64__)
#define STACK_POINTER(context) ((uintptr_t)((ucontext_t *)(context))->uc_mcontext.sp)
#endif

#ifdef STACK_POINTER
static struct sigaction javascriptcore;  // its action for SIGUSR1
static struct sigaction guarded, direct; // our actions in front of it
static uintptr_t stack_low, stack_high;  // the main thread's stack

// on_guarded runs on Go's signal stack.
static void on_guarded(int s, siginfo_t *info, void *context) {
  uintptr_t sp = STACK_POINTER(context);
  if (sp < stack_low || sp >= stack_high) {
    javascriptcore.sa_sigaction(s, info, context);
    return;
  }
  // The signal is blocked until this returns. It is then delivered before anything else runs.
  int saved = errno;
  sigaction(s, &direct, NULL);
  syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), s);
  errno = saved;
}

// on_direct runs on the thread's own stack.
static void on_direct(int s, siginfo_t *info, void *context) {
  javascriptcore.sa_sigaction(s, info, context);
  int saved = errno;
  sigaction(s, &guarded, NULL);
  errno = saved;
}

// guard puts our handlers in front of JavaScriptCore's, whose action is now.
static void guard(const struct sigaction *now) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  if (!(now->sa_flags & SA_SIGINFO) || pthread_getattr_np(pthread_self(), &attributes) != 0)
    return;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    stack_low = (uintptr_t)low;
    stack_high = stack_low + size;
    javascriptcore = guarded = direct = *now;
    guarded.sa_sigaction = on_guarded;
    guarded.sa_flags |= SA_ONSTACK;
    direct.sa_sigaction = on_direct;
    direct.sa_flags &= ~SA_ONSTACK;
    sigaction(SIGUSR1, &guarded, NULL);
  }
  pthread_attr_destroy(&attributes);
}
#else
static void guard(const struct sigaction *now) {}
#endif

void casement_warm_up(void) {
  static gboolean warm;
  if (warm)
    return;
  warm = TRUE;

  // JavaScriptCore takes SIGUSR1 in any case. If it finds Go's handler there, it prints a warning
  // on standard error at every start.
  struct sigaction go, none = {.sa_handler = SIG_DFL}, now;
  sigaction(SIGUSR1, &none, &go);
  webkit_web_context_get_default(); // must come before any JSCContext, or no page ever loads
  JSCContext *context = jsc_context_new();
  JSCValue *value = jsc_context_evaluate(context, "new Map([[1, 2]]).get(1)", -1);
  g_object_unref(value);
  g_object_unref(context);
  sigaction(SIGUSR1, NULL, &now);
  if (!(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
    sigaction(SIGUSR1, &go, NULL);
  else
    guard(&now);
}

int casement_onstack(void) {
  // The processor raises these on the thread that is at fault, which may be any thread of Go's.
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  int repaired = 0;
  for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
    repaired += on_stack(faults[i]);
  return repaired;
}
