/*
 * shutdown - the daemon's end
 */
#include "client/managerctl/ctl.h"

static int run(struct ctl *ctl)
{
        int r = mgr_manager_shutdown(ctl->m);

        return r < 0 ? ctl_fail(r) : ctl_done(ctl);
}

const struct command command_shutdown = {
        .name = "shutdown",
        .usage = "",
        .summary = "asks the daemon to end",
        .help = "Returns once the daemon has agreed; it finishes what it has read, and ends. What\n"
                "it held is gone then.\n"
                "\n"
                "  managerctl shutdown\n",
        .run = run,
};
