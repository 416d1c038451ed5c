/*
 * set - one key of a dict, one element of a list, one attribute; or all there is of a Value
 */
#include "client/managerctl/argument.h"
#include "client/managerctl/element.h"

/*
 * A dict of that name that holds the pair from the beginning: nothing is left behind where the
 * daemon refuses it. What it takes it takes from another dict, in which it nests no deeper.
 */
static int create_with(const struct ctl *ctl, const char *name, const mgr_value pair[2],
                       mgr_proxy **proxy)
{
        mgr_proxy *draft;
        mgr_value content;
        int r;

        r = mgr_proxy_new(ctl->m, "dict", NULL, 0, &draft);
        if (r < 0)
                return r;
        content = mgr_from_proxy(draft);
        r = mgr_proxy_call(draft, "__setitem__", pair, 2, NULL);
        if (r == 0)
                r = mgr_proxy_open(ctl->m, "dict", name, &content, 1, proxy);
        mgr_proxy_free(draft);
        return r;
}

/* The proxy of the object, or of a dict with that name that is made where there is none. */
static int create(const struct ctl *ctl, const char *object, const mgr_value pair[2],
                  mgr_proxy **proxy)
{
        mgr_value what;
        int code, r;

        code = argument_object(object, &what);
        if (code != EXIT_DONE)
                return code;
        r = mgr_proxy_find(ctl->m, &what, proxy);
        if (r == MGR_ENAME)
                r = create_with(ctl, mgr_cstr(&what), pair, proxy);
        return r < 0 ? argument_fail(ctl, object, r) : EXIT_DONE;
}

static int find(const struct ctl *ctl, const char *object, const mgr_value pair[2],
                mgr_proxy **proxy)
{
        if (ctl->options->given & OPTION_CREATE)
                return create(ctl, object, pair, proxy);
        return argument_proxy(ctl, object, proxy);
}

static int set(const struct ctl *ctl, const mgr_value pair[2])
{
        mgr_proxy *proxy;
        int code, r;

        code = find(ctl, ctl->options->args[0], pair, &proxy);
        if (code != EXIT_DONE)
                return code;
        /* also where it was just created: somebody else may have been faster */
        r = element_set(proxy, pair);
        code = r < 0 ? ctl_fail(r) : ctl_done(ctl);
        mgr_proxy_free(proxy);
        return code;
}

/* object.set(VALUE) */
static int set_whole(struct ctl *ctl)
{
        mgr_proxy *proxy;
        mgr_value value;
        int code, r;

        code = argument_proxy(ctl, ctl->options->args[0], &proxy);
        if (code != EXIT_DONE)
                return code;
        code = argument_value(ctl, ctl->options->args[1], &value);
        if (code == EXIT_DONE) {
                r = mgr_proxy_call(proxy, "set", &value, 1, NULL);
                code = r < 0 ? ctl_fail(r) : ctl_done(ctl);
                mgr_value_clear(&value);
        }
        mgr_proxy_free(proxy);
        return code;
}

/* Key and value come first: what makes no sense must not leave an empty dict behind. */
static int run(struct ctl *ctl)
{
        char **args = ctl->options->args;
        mgr_value pair[2];
        int code;

        if (ctl->options->n_args == 2 && ctl->options->given & OPTION_CREATE)
                return ctl_misuse("--create makes a dict, which wants a KEY");
        if (ctl->options->n_args == 2)
                return set_whole(ctl);
        code = argument_key(ctl, args[1], &pair[0]);
        if (code != EXIT_DONE)
                return code;
        code = argument_value(ctl, args[2], &pair[1]);
        if (code == EXIT_DONE) {
                code = set(ctl, pair);
                mgr_value_clear(&pair[1]);
        }
        mgr_value_clear(&pair[0]);
        return code;
}

const struct command command_set = {
        .name = "set",
        .usage = "[--create] [--str] OBJECT [KEY] VALUE",
        .summary = "sets a key of a dict, an element of a list, an attribute, or a Value",
        .help = "object[KEY] = VALUE; of a Namespace object.KEY = VALUE; without KEY, of a Value,\n"
                "object.set(VALUE). Both are JSON, or a str where they are no JSON; what begins\n"
                "with [, { or \" and is no JSON is refused.\n"
                "  --create  makes a dict with that name where there is none (of other types:\n"
                "            managerctl create)\n"
                "  --str     KEY and VALUE are str, whatever they look like\n"
                "\n"
                "  managerctl set --create scores alice 5\n"
                "  managerctl set scores '[1, 2]' '\"x\"'    # the key (1, 2)\n"
                "  managerctl set --str scores version 10\n"
                "  managerctl create list jobs '[1, 2]'\n"
                "  managerctl set jobs -1 '{\"state\": \"done\"}'\n"
                "  managerctl create Namespace config '{\"debug\": false}'\n"
                "  managerctl set config debug true\n"
                "  managerctl create Value total i 0\n"
                "  managerctl set total 5\n",
        .options = OPTION_CREATE | OPTION_STR,
        .min_args = 2,
        .max_args = 3,
        .run = run,
};
