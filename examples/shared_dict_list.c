/*
 * shared_dict_list - a parent and a child change one dict and one list
 *
 * In Python:
 *
 *      from multiprocessing import Process, Manager
 *
 *      def work(mydict, mylist):
 *          mydict["胡旺"] = "牛皮"
 *          mydict["lalal"] = "大美女"
 *          mylist.append(11)
 *          mylist.append(22)
 *          mylist.append(33)
 *
 *      with Manager() as manager:
 *          mydict = manager.dict()
 *          mylist = manager.list(range(5))
 *          p = Process(target=work, args=(mydict, mylist))
 *          p.start()
 *          p.join()
 *          print(mydict)
 *          print(mylist)
 *
 * It prints, as this program does:
 *
 *      {'胡旺': '牛皮', 'lalal': '大美女'}
 *      [0, 1, 2, 3, 4, 11, 22, 33]
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every function returns a number below 0 if it failed; mgr_errmsg() tells why. */
static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static void work(mgr_dict *mydict, mgr_list *mylist)
{
        check(mgr_dict_set(mydict, "胡旺", "牛皮"));
        check(mgr_dict_set(mydict, "lalal", "大美女"));
        check(mgr_list_append(mylist, 11));
        check(mgr_list_append(mylist, 22));
        check(mgr_list_append(mylist, 33));
}

int main(void)
{
        mgr_manager *manager;
        mgr_dict *mydict;
        mgr_list *mylist;
        mgr_value text;
        pid_t pid;

        check(mgr_manager_start(&manager, NULL)); /* a daemon of our own, which holds both */
        check(mgr_dict_new(manager, &mydict));
        check(mgr_list_new(manager, &mylist));
        for (int i = 0; i < 5; ++i)
                check(mgr_list_append(mylist, i));

        pid = fork();
        if (pid == 0) {
                work(mydict, mylist); /* the child has the same proxies */
                exit(EXIT_SUCCESS);
        }
        waitpid(pid, NULL, 0);

        check(mgr_dict_str(mydict, &text)); /* what comes out is ours, until it is cleared */
        printf("%s\n", mgr_cstr(&text));
        mgr_value_clear(&text);

        check(mgr_list_str(mylist, &text));
        printf("%s\n", mgr_cstr(&text));
        mgr_value_clear(&text);

        mgr_list_free(mylist);
        mgr_dict_free(mydict);
        mgr_manager_free(manager); /* the end of `with`: the daemon ends, too */
        return EXIT_SUCCESS;
}
