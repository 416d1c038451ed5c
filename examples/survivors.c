/*
 * survivors - a lock whose holder is killed, and two workers who would wait for ever
 *
 * With Python's Manager() the first leaves the lock held for ever, and the second
 * hangs. Here the next worker gets the lock and is told who died with it; and of two
 * workers that take two locks crosswise, the one that would close the circle gets an
 * error. It prints:
 *
 *      the lock is mine, though its holder died: balance 80, mended to 100
 *      DeadlockError: one of two gave way, both are done
 */
#include <manager.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

/* Takes 20 from the account, and is killed before it can put them where they belong. */
static void die_in_the_middle(mgr_lock *lock, mgr_dict *account)
{
        check(mgr_lock_acquire(lock, MGR_FOREVER, NULL));
        check(mgr_dict_incr(account, "balance", -20, NULL));
        raise(SIGKILL);
}

static void take_over(mgr_lock *lock, mgr_dict *account)
{
        mgr_grant grant;
        int balance, r;

        r = mgr_lock_acquire(lock, 10, &grant);
        check(r);
        check(mgr_dict_get(account, "balance", &balance));
        if (r == MGR_OWNER_DIED) {
                printf("the lock is mine, though its holder died: balance %d, mended to 100\n",
                       balance);
                check(mgr_dict_set(account, "balance", 100));
        }
        check(mgr_lock_release(lock));
}

/* Both locks, in an order of its own. How often it had to give way and begin again. */
static int take_both(mgr_lock *first, mgr_lock *second, mgr_barrier *barrier)
{
        int n = 0, r;

        check(mgr_lock_acquire(first, MGR_FOREVER, NULL));
        check(mgr_barrier_wait(barrier, 10, NULL)); /* now each has one of them */
        while ((r = mgr_lock_acquire(second, MGR_FOREVER, NULL)) == MGR_EDEADLOCK) {
                ++n;
                check(mgr_lock_release(first)); /* the other goes on, and then we do */
                check(mgr_lock_acquire(first, MGR_FOREVER, NULL));
        }
        check(r);
        check(mgr_lock_release(second));
        check(mgr_lock_release(first));
        return n;
}

int main(void)
{
        mgr_lock *lock, *a, *b;
        mgr_barrier *barrier;
        mgr_manager *m;
        mgr_dict *account;
        int status, n;

        check(mgr_manager_start(&m, NULL));
        check(mgr_dict_new(m, &account));
        check(mgr_lock_new(m, &lock));
        check(mgr_dict_set(account, "balance", 100));
        if (fork() == 0)
                die_in_the_middle(lock, account);
        wait(&status);
        take_over(lock, account);

        check(mgr_lock_new(m, &a));
        check(mgr_lock_new(m, &b));
        check(mgr_barrier_new(m, 2, &barrier));
        if (fork() == 0)
                _exit(take_both(a, b, barrier));
        n = take_both(b, a, barrier);
        wait(&status);
        if (WIFEXITED(status) && n + WEXITSTATUS(status) == 1)
                printf("DeadlockError: one of two gave way, both are done\n");

        mgr_barrier_free(barrier);
        mgr_lock_free(b);
        mgr_lock_free(a);
        mgr_lock_free(lock);
        mgr_dict_free(account);
        mgr_manager_free(m);
        return 0;
}
