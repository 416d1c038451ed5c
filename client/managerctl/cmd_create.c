/*
 * create - an object with a name
 */
#include <inttypes.h>
#include <stdio.h>

#include "client/managerctl/argument.h"

static int make(const struct ctl *ctl, const mgr_value *name, const mgr_value *args, size_t n_args)
{
        mgr_proxy *proxy;
        int r;

        r = mgr_proxy_open(ctl->m, ctl->options->args[0], mgr_cstr(name), args, n_args, &proxy);
        if (r == MGR_EKEY) {
                ctl_say("there is no type %s; managerctl create --help lists them",
                        ctl->options->args[0]);
                return EXIT_NEGATIVE;
        }
        if (r < 0)
                return ctl_fail(r);
        printf(ctl->options->json ? "{\"ident\": \"%" PRIu64 "\"}\n" : "%" PRIu64 "\n",
               mgr_proxy_ident(proxy));
        mgr_proxy_free(proxy);
        return EXIT_DONE;
}

static int run(struct ctl *ctl)
{
        mgr_value *values, name;
        size_t n;
        int code;

        code = argument_name(ctl->options->args[1], &name);
        if (code != EXIT_DONE)
                return code;
        code = argument_values(ctl, 2, &values, &n);
        if (code == EXIT_DONE)
                code = make(ctl, &name, values, n);
        argument_values_free(values, n);
        return code;
}

const struct command command_create = {
        .name = "create",
        .usage = "[--str] TYPEID NAME [VALUE…]",
        .summary = "makes an object of any type with a name",
        .help = "Makes an object and shows its ident. TYPEID is a Python manager's, and the "
                "VALUEs\n"
                "are what its constructor takes:\n"
                "  dict [CONTENT]      list [CONTENT]      set [CONTENT]      Namespace [DICT]\n"
                "  Value TYPECODE VALUE     Array TYPECODE LIST     Event     Lock     RLock\n"
                "  Queue [MAXSIZE [REDELIVER [MAX_DELIVERIES]]]     JoinableQueue (the same)\n"
                "  Semaphore [N]       BoundedSemaphore [N]     Barrier PARTIES     Condition\n"
                "Where there is one of that type and name already, it stays as it is, and its\n"
                "ident is shown; one of another type is an error. It stays until `managerctl\n"
                "unlink NAME`.\n"
                "  --str  all values are str, whatever they look like\n"
                "\n"
                "  managerctl create list jobs\n"
                "  managerctl create dict scores '{\"alice\": 5}'\n"
                "  managerctl create Queue tasks 0 true 3    # redelivered, three times at most\n",
        .options = OPTION_STR,
        .min_args = 2,
        .max_args = ARGUMENTS_ANY,
        .run = run,
};
