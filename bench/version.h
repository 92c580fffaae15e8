/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_VERSION_H
#define BENCH_VERSION_H

#define RINGWALK_VERSION "0.1"

#endif
