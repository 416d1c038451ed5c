/*
 * del - one key of a dict, one element of a list or set, one attribute
 */
#include "client/managerctl/argument.h"
#include "client/managerctl/element.h"

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
                r = element_delete(proxy, &key);
                code = r < 0 ? ctl_fail(r) : ctl_done(ctl);
                mgr_value_clear(&key);
        }
        mgr_proxy_free(proxy);
        return code;
}

const struct command command_del = {
        .name = "del",
        .usage = "[--str] OBJECT KEY",
        .summary = "deletes a key of a dict, an element of a list or set, or an attribute",
        .help = "del object[KEY], of a set object.remove(KEY), of a Namespace del object.KEY\n"
                "  --str  KEY is a str, whatever it looks like\n"
                "\n"
                "  managerctl create dict scores '{\"alice\": 5}'\n"
                "  managerctl del scores alice\n"
                "  managerctl create list jobs '[1, 2]'\n"
                "  managerctl del jobs 0\n"
                "  managerctl create set tags '[\"red\", \"blue\"]'\n"
                "  managerctl del tags red\n",
        .options = OPTION_STR,
        .min_args = 2,
        .max_args = 2,
        .run = run,
};
