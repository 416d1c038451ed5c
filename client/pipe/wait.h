/*
 * wait - what an mgr_waitable is about
 */
#pragma once

enum wait_kind {
        WAIT_NOTHING, /* zeroed memory */
        WAIT_PIPE,
        WAIT_PROCESS,
        WAIT_QUEUE,
        WAIT_FD,
};
