/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What this program uses, for the benches. */

#pragma once

#include <glib.h>

/* Resident memory, in MB of 1,048,576 bytes. */
double bench_get_rss_mb(void);
/* Processor time of the calling thread: the machine may have other things to do. */
gint64 bench_get_cpu_us(void);
/* The same of all threads of this program. */
gint64 bench_get_process_cpu_us(void);
/* The same of the programs that it started and that run now, each of one thread. */
gint64 bench_get_children_cpu_us(void);
