/*
 * rlock_file - several processes write to one file, and no one's lines stand among another's
 *
 *      from multiprocessing import Process, RLock
 *
 *      def append(lock, line):
 *          with lock:                             # taken again by who has it
 *              with open(PATH, 'a') as file:
 *                  file.write(line + '\n')
 *
 *      def work(lock, name):
 *          with lock:
 *              for i in range(3):
 *                  append(lock, f'{name} writes line {i}')
 *
 *      lock = RLock()
 *      workers = [Process(target=work, args=(lock, f'worker {n}')) for n in range(4)]
 *      for worker in workers:
 *          worker.start()
 *      for worker in workers:
 *          worker.join()
 *      …
 *
 * Whoever comes first writes first. Read in the end, it prints:
 *
 *      12 lines, every 3 of them in a row by one worker
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_WORKERS 4
#define N_LINES   3

static char path[] = "/tmp/rlock_file-XXXXXX";

struct job {
        mgr_rlock *lock;
        int worker;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static mgr_process *start(mgr_target *target, void *arg)
{
        mgr_process *process;

        check(mgr_process_start(&process, target, arg, NULL));
        return process;
}

static void join(mgr_process *process)
{
        int code;

        check(mgr_process_join(process, MGR_FOREVER));
        check(mgr_process_exitcode(process, &code));
        if (code != 0)
                exit(EXIT_FAILURE); /* it has told why */
        mgr_process_free(process);
}

static void append(const mgr_rlock *lock, int worker, int line)
{
        FILE *file;

        check(mgr_rlock_acquire(lock, MGR_FOREVER, NULL)); /* taken again by who has it */
        file = fopen(path, "a");
        if (!file || fprintf(file, "worker %d writes line %d\n", worker, line) < 0 ||
            fclose(file) != 0) {
                perror(path);
                exit(EXIT_FAILURE);
        }
        check(mgr_rlock_release(lock));
}

static int work(void *arg)
{
        const struct job *job = arg;

        check(mgr_rlock_acquire(job->lock, MGR_FOREVER, NULL));
        for (int i = 0; i < N_LINES; ++i)
                append(job->lock, job->worker, i);
        check(mgr_rlock_release(job->lock));
        return 0;
}

static void tell(void)
{
        FILE *file = fopen(path, "r");
        int worker, line, n = 0, author = -1, n_strays = 0;

        if (!file) {
                perror(path);
                exit(EXIT_FAILURE);
        }
        while (fscanf(file, "worker %d writes line %d\n", &worker, &line) == 2) {
                if (line != n % N_LINES || (line > 0 && worker != author))
                        ++n_strays;
                author = worker;
                ++n;
        }
        fclose(file);
        if (n_strays)
                printf("%d lines, %d of them among those of another\n", n, n_strays);
        else
                printf("%d lines, every %d of them in a row by one worker\n", n, N_LINES);
}

int main(void)
{
        struct job jobs[N_WORKERS];
        mgr_process *workers[N_WORKERS];
        mgr_manager *manager;
        mgr_rlock *lock;
        int fd = mkstemp(path);

        if (fd < 0) {
                perror(path);
                return EXIT_FAILURE;
        }
        close(fd);
        check(mgr_manager_start(&manager, NULL));
        check(mgr_rlock_new(manager, &lock));

        for (int i = 0; i < N_WORKERS; ++i) {
                jobs[i] = (struct job){ lock, i };
                workers[i] = start(work, &jobs[i]);
        }
        for (int i = 0; i < N_WORKERS; ++i)
                join(workers[i]);
        tell();

        unlink(path);
        mgr_rlock_free(lock);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
