/*
 * nested - shared objects inside of shared objects
 *
 * In Python:
 *
 *      def work(teams):
 *          teams["red"]["members"].append("Cleo")
 *          teams["red"]["points"] = 3
 *
 *      with Manager() as manager:
 *          teams = manager.dict()
 *          teams["red"] = manager.dict(points=0, members=manager.list(["Ann", "Bob"]))
 *          p = Process(target=work, args=(teams,))
 *          p.start()
 *          p.join()
 *          print(teams["red"]["points"], teams["red"]["members"])
 *
 * A proxy that is stored in a dict or list refers to the object itself, not to a copy of
 * it: what one process changes deep inside, all the others see. The inner objects live as
 * long as somebody can reach them. It prints:
 *
 *      3 ['Ann', 'Bob', 'Cleo']
 */
#include <manager.h>

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

/* d[key], which is a dict */
static mgr_dict *get_dict(mgr_dict *d, const char *key)
{
        mgr_value value;
        mgr_dict *inner;

        check(mgr_dict_get(d, key, &value));
        check(mgr_value_dict(&value, &inner)); /* an error if it is something else */
        mgr_value_clear(&value);
        return inner;
}

/* d[key], which is a list */
static mgr_list *get_list(mgr_dict *d, const char *key)
{
        mgr_value value;
        mgr_list *inner;

        check(mgr_dict_get(d, key, &value));
        check(mgr_value_list(&value, &inner));
        mgr_value_clear(&value);
        return inner;
}

static void build(mgr_manager *manager, mgr_dict *teams)
{
        mgr_dict *red;
        mgr_list *members;

        check(mgr_list_new(manager, &members));
        check(mgr_list_append(members, "Ann"));
        check(mgr_list_append(members, "Bob"));

        check(mgr_dict_new(manager, &red));
        check(mgr_dict_set(red, "points", 0));
        check(mgr_dict_set(red, "members", members));
        check(mgr_dict_set(teams, "red", red));

        mgr_list_free(members); /* `red` keeps it, and `teams` keeps `red` */
        mgr_dict_free(red);
}

static void work(mgr_dict *teams)
{
        mgr_dict *red = get_dict(teams, "red");
        mgr_list *members = get_list(red, "members");

        check(mgr_list_append(members, "Cleo"));
        check(mgr_dict_set(red, "points", 3));
        mgr_list_free(members);
        mgr_dict_free(red);
}

static void show(mgr_dict *teams)
{
        mgr_dict *red = get_dict(teams, "red");
        mgr_list *members = get_list(red, "members");
        mgr_value text;
        int points;

        check(mgr_dict_get(red, "points", &points));
        check(mgr_list_str(members, &text));
        printf("%d %s\n", points, mgr_cstr(&text));
        mgr_value_clear(&text);
        mgr_list_free(members);
        mgr_dict_free(red);
}

int main(void)
{
        mgr_manager *manager;
        mgr_dict *teams;
        pid_t pid;

        check(mgr_manager_start(&manager, NULL));
        check(mgr_dict_new(manager, &teams));
        build(manager, teams);

        pid = fork();
        if (pid == 0) {
                work(teams);
                exit(EXIT_SUCCESS);
        }
        waitpid(pid, NULL, 0);
        show(teams);

        mgr_dict_free(teams);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
