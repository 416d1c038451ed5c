/*
 * manager/process.h - processes: Python's multiprocessing.Process
 *
 * A part of <manager.h>, which includes it. Needs no daemon.
 *
 *      static int work(void *arg)
 *      {
 *              printf("%s does %s\n", mgr_process_name(mgr_current_process()), (char *)arg);
 *              return 0;
 *      }
 *      …
 *      mgr_process *p;
 *
 *      if (mgr_process_start(&p, work, "its work", NULL) < 0)
 *              …                                       Process(target=work, args=…).start()
 *      mgr_process_join(p, MGR_FOREVER);               p.join()
 *      mgr_process_free(p);
 *
 * A process is started as soon as it is made: there is no handle of one that has not been. The
 * handle belongs to the process that started it. In others, a child that has inherited it for one,
 * it tells a name and a pid, and everything else is MGR_EASSERTION, "can only join a child
 * process". Handles may be used by any number of threads at once, but a name must not be read
 * while another thread changes it.
 *
 * The end of a process is seen by a pidfd. Nobody waits for other children than those started
 * here, SIGCHLD is not touched, and no threads are begun. A program that ignores SIGCHLD or
 * waits for all its children itself can use this, too; only an exit code may be unknown then (see
 * mgr_process_exitcode()). Where there are no pidfds (before Linux 5.4, and where a filter forbids
 * them) all works by pipes and process numbers, with one difference: a process whose exit code
 * somebody else has taken is sent no signal.
 *
 * The functions below return MGR_E* below 0 as all of <manager.h> do, and set mgr_errmsg().
 * MGR_ESYSTEM: the kernel refuses (no more processes or descriptors, for example), where it can
 * happen.
 */
#pragma once

#include "../manager.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* -- Starting ----------------------------------------------------------------------------- */

/* Begin with MGR_PROCESS_OPTIONS_INIT. Strings are copied. */
typedef struct mgr_process_options {
        size_t size;      /* sizeof(mgr_process_options), so that members can be added */
        const char *name; /* default: "Process-1" and so on; its children's: "Process-1:1" */
        int daemon;       /* 1: ends with its parent, and has no children; 0: not so; default -1: as
                           * its parent, which means 0, for a daemon has no children */
        int reserved0;
        void *reserved[4];
} mgr_process_options;

#define MGR_PROCESS_OPTIONS_INIT                                                                   \
        {                                                                                          \
                sizeof(mgr_process_options), NULL, -1, 0,                                          \
                {                                                                                  \
                        NULL, NULL, NULL, NULL                                                     \
                }                                                                                  \
        }

/*
 * Starts a child that runs target(arg) and ends with what it returns, its lowest 8 bits:
 * Process(target=…, args=…, name=…, daemon=…).start(). The child is made by fork(), so it has a
 * copy of all that its parent had, `arg` and what it points to included, and only the calling
 * thread; handlers of pthread_atfork() run. Returns as soon as there is a child; *process is NULL
 * after a failure, and then no child has run anything.
 *
 * Before the target runs the child has become a process of its own: mgr_current_process() is
 * the new one, and the references of its proxies are its own, whatever becomes of the parent. A
 * daemon that is gone by then, or does not answer within the manager's connect_timeout, keeps the
 * target from nothing. Signal mask and handlers are the parent's, as after any fork().
 *
 * stdout and stderr are flushed before the fork (which waits for a thread that is writing to
 * them), and in the child behind the target, so nothing is lost or written twice. The
 * child ends by _exit(): functions of atexit() do not run in it, and other streams that the target
 * has written to are the target's to flush or close; what waited in them before the fork is the
 * parent's alone to write. Python leaves its interpreter in the same way.
 *
 * A process with the option `daemon` ends when its parent does, however that ends: by returning,
 * by exec, by SIGKILL; within milliseconds, and by SIGKILL, so it cannot clean up. (In Python the
 * parent terminates its daemons when it ends orderly; where it is killed they live on.) Two things
 * free it: taking another user's identity, for then its parent's end may not kill it, and exec()
 * (spawn a program instead). MGR_EASSERTION: "daemonic processes are not allowed to have children".
 * Python waits for children that are no daemons when a program ends; here they live on, as any
 * child does: join them.
 */
int mgr_process_start(mgr_process **process, mgr_target *target, void *arg,
                      const mgr_process_options *options);

/*
 * Starts a child that is a program: what the start method "spawn" does. `program` is a path as
 * execve() takes it; NULL: this program once more. `argv` ends with NULL, as main() gets it; NULL:
 * the name of this program alone. The environment is this program's. Returns when the program has
 * taken over, or could not be executed: MGR_ESYSTEM, "PATH: No such file or directory".
 *
 * The program gets at mgr_spawned(): the manager `m` (may be NULL) and the value `args` (NULL:
 * None), whose proxies are of that manager (else MGR_EARGUMENT). References travel with them: they
 * are good for 60 seconds, whatever the caller drops meanwhile. These and name, authkey and the
 * like come in a sealed file in memory, whose descriptor the program inherits; nothing of it stands
 * in its arguments or its environment, which others can read. Programs that never call
 * mgr_spawned() can be spawned as well: name, daemon, join and all that is done from here work for
 * them, too.
 *
 * The program begins with the caller's signal mask; ignored signals stay ignored, others do what
 * they do by default. It inherits descriptors that are not close-on-exec, as ever. Between fork and
 * exec nothing of the caller's program runs, handlers of pthread_atfork() neither.
 */
int mgr_process_spawn(mgr_process **process, const char *program, char *const argv[],
                      mgr_manager *m, const mgr_value *args, const mgr_process_options *options);

/*
 * To be called at the beginning of main(), before it has threads, by a program that may be spawned.
 * 1: it was. *m is a manager of its own, connected to the same daemon, or NULL where none was
 * given; *args is the value, whose references are counted for this process. Both are the caller's.
 * 0: it was not, and *m is NULL and *args None; so in whatever a spawned program itself forks
 * and executes. MGR_EASSERTION, when they have been taken before. Other errors, MGR_ECONNECT
 * and so on, leave all as it was: it may be tried again.
 *
 *      int main(int argc, char **argv)
 *      {
 *              mgr_manager *m;
 *              mgr_value args;
 *
 *              if (mgr_spawned(&m, &args) == 1)
 *                      return work(m, &args);
 *              …
 *              mgr_process_spawn(&p, NULL, NULL, m, &args, NULL);
 */
int mgr_spawned(mgr_manager **m, mgr_value *args);

/*
 * Shares of a handle. Who gives back the last one of a process that still runs neither waits for it
 * nor ends it: it stays among the active children, and after its end it is reaped by the next
 * start, or mgr_active_children(). NULL is fine.
 */
mgr_process *mgr_process_ref(mgr_process *process);
void mgr_process_free(mgr_process *process);

/* -- Its end ------------------------------------------------------------------------------ */

/*
 * Waits until a child has ended: Process.join(timeout). 0, also where it had ended before;
 * MGR_ETIMEOUT. Any number of threads may wait for the same one. The parent may be waited for, too,
 * but not the current process: MGR_EASSERTION "can only join a child process". MGR_EVALUE:
 * "process object is closed".
 */
int mgr_process_join(mgr_process *process, double timeout);

/*
 * Whether it runs: Process.is_alive(). Of a child, the parent, or the current process, which does.
 * 1 or 0; MGR_EASSERTION and MGR_EVALUE as above.
 */
int mgr_process_is_alive(mgr_process *process);

/*
 * How a child has ended: Process.exitcode. 0: it has not (None), and *code is as it was. 1: *code
 * is 0 to 255, what its target returned or it gave to exit(); or -N, where signal N ended it.
 * MGR_ESYSTEM: it has ended, but somebody else has waited for it (or SIGCHLD is ignored), and
 * the kernel, before Linux 6.15, does not say it twice.
 */
int mgr_process_exitcode(mgr_process *process, int *code);

/*
 * Sends SIGTERM, SIGKILL or any signal to a child: Process.terminate(), Process.kill(). 0, also
 * when it has ended, for it can only ever be this process that is meant. MGR_EVALUE: there is no
 * such signal. MGR_EASSERTION: not a child of ours.
 */
int mgr_process_terminate(mgr_process *process);
int mgr_process_kill(mgr_process *process);
int mgr_process_signal(mgr_process *process, int signal_number);

/*
 * Gives back what the handle holds of the kernel: Process.close(). Afterwards only name, daemon
 * flag and authkey can be asked for. MGR_EVALUE: "Cannot close a process while it is still running.
 * You should first call join() or terminate()." Not needed before mgr_process_free().
 */
int mgr_process_close(mgr_process *process);

/* -- What is known of it ------------------------------------------------------------------ */

/*
 * Process.name. The handle's own, good until it is changed or freed. A new name is for this process
 * to see: a child does not hear of it. NULL is MGR_EASSERTION, "name must be a string".
 */
const char *mgr_process_name(const mgr_process *process);
int mgr_process_set_name(mgr_process *process, const char *name);

/* Process.pid. MGR_EVALUE: closed. */
int mgr_process_pid(const mgr_process *process);

/* Process.daemon: 1 or 0. */
int mgr_process_is_daemon(const mgr_process *process);

/*
 * A descriptor that poll() and the like find ready (POLLIN or POLLHUP) once the process has ended:
 * Process.sentinel. Of a child or the parent; it is the handle's own, nothing is to be read from
 * it. MGR_EVALUE: closed, or the current process ("process not started").
 */
int mgr_process_sentinel(const mgr_process *process);

/*
 * Process.authkey: MGR_AUTHKEY_SIZE bytes into or out of `key`. The main process draws it; children
 * have that which their parent had at their start. mgr_manager_start() without a key takes that of
 * the current process, so its descendants can connect with it. The parent's is not known in a
 * spawned program: MGR_EATTRIBUTE.
 */
#define MGR_AUTHKEY_SIZE 32
int mgr_process_authkey(const mgr_process *process, void *key);
int mgr_process_set_authkey(mgr_process *process, const void *key);

/* -- The family --------------------------------------------------------------------------- */

/*
 * This process, and the one that started it: current_process(), parent_process(). Borrowed, and
 * good for ever. The parent is NULL where there is none: in the main process, and in a child
 * that fork() made and not mgr_process_start(); that one goes by the name of the process that it
 * was forked from, and has no children. NULL also where there is no memory at the very first call.
 */
mgr_process *mgr_current_process(void);
mgr_process *mgr_parent_process(void);

/*
 * The children that run: active_children(). Returns how many, and stores shares, each to be freed,
 * of at most n_room. Those that have ended are reaped, as every start does, too.
 */
size_t mgr_active_children(mgr_process **children, size_t n_room);

/* How many processors the machine has: os.cpu_count(). */
int mgr_cpu_count(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
