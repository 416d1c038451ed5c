/*
 * del - one key of a dict, one element of a list
 */
#include "client/managerctl/argument.h"

static int run(struct ctl *ctl)
{
        char **args = ctl->options->args;
        mgr_proxy *proxy;
        mgr_value key;
        int code, r;

        code = argument_proxy(ctl, args[0], &proxy);
        if (code != EXIT_DONE)
                return code;
        code = argument_key(ctl, args[1], &key);
        if (code == EXIT_DONE) {
                r = mgr_proxy_call(proxy, "__delitem__", &key, 1, NULL);
                code = r < 0 ? ctl_fail(r) : ctl_done(ctl);
                mgr_value_clear(&key);
        }
        mgr_proxy_free(proxy);
        return code;
}

const struct command command_del = {
        .name = "del",
        .usage = "[--str] OBJECT KEY",
        .summary = "deletes a key of a dict, or an element of a list",
        .help = "del object[KEY]\n"
                "  --str  KEY is a str, whatever it looks like\n"
                "\n"
                "  managerctl create dict scores '{\"alice\": 5}'\n"
                "  managerctl del scores alice\n"
                "  managerctl create list jobs '[1, 2]'\n"
                "  managerctl del jobs 0\n",
        .options = OPTION_STR,
        .min_args = 2,
        .max_args = 2,
        .run = run,
};
