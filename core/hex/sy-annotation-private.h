/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The fields behind SyAnnotations. Not for others.
 */

#pragma once

#include "sy-annotation.h"

G_BEGIN_DECLS

/* Appends every field of a release to an array of SyAnnotation, in rising order and apart. */
void sy_annotation_collect(SyRelease *release, GArray *fields);

G_END_DECLS
