/*
 * loop - libuv's loop, with all the memory that it will ever want
 *
 * libuv aborts where its table of descriptors cannot grow. So the table is made for
 * every descriptor that the process may have, before anybody can connect.
 */
#pragma once

#include <uv.h>

/*
 * Once in a process, when its limit of descriptors is what it will be. Returns 0 or
 * libuv's negative error; ends the process where there is no memory for the table.
 */
int loop_init(uv_loop_t *loop);
