/*
 * spare - a few buffers that wait to be used again
 */
#include "managerd/server/spare.h"

void spare_deinit(struct spare *spare)
{
        while (spare->n)
                buffer_deinit(&spare->buffers[--spare->n]);
}
