/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyTrouble: why there is no substation behind a port, and what exactly a person does about it. One
 * text for the window and the command line. Immutable and referenced; any thread.
 */

#pragma once

#include "sy-port-access.h"
#include "sy-port-holder.h"
#include "sy-port-rule.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  SY_TROUBLE_OTHER,         /* what happened is all that is known */
  SY_TROUBLE_ABSENT,        /* no such port: plug it in */
  SY_TROUBLE_GONE,          /* it was open: plug it in again */
  SY_TROUBLE_DENIED,        /* no permission */
  SY_TROUBLE_BUSY,          /* another program holds it */
  SY_TROUBLE_MODEM_MANAGER, /* that program is, or is likely, ModemManager */
  /* Of a port behind a network: */
  SY_TROUBLE_NO_HOST,     /* the server's name is not known */
  SY_TROUBLE_REFUSED,     /* it takes no connection there */
  SY_TROUBLE_UNREACHABLE, /* it does not answer, or not any more */
  SY_TROUBLE_CLOSED,      /* it closed the connection */
  SY_TROUBLE_TAKEN,       /* somebody else uses its port */
  SY_TROUBLE_NO_RFC2217,  /* it does not speak it */
  SY_TROUBLE_NOT_RAW,     /* it speaks telnet, as for RFC 2217 */
  /* The port is open: */
  SY_TROUBLE_SILENT,          /* nothing arrives */
  SY_TROUBLE_NOT_HEARD,       /* a substation is heard, but does not hear us */
  SY_TROUBLE_ECHO,            /* only what was sent comes back */
  SY_TROUBLE_WRONG_RATE,      /* bytes arrive that make no sense */
  SY_TROUBLE_NOT_A_SUBSTATION /* something else speaks, in letters */
} SyTroubleKind;

typedef struct {
  SyTroubleKind kind;
  const char *title;   /* "Another Program Uses the Port" */
  const char *text;    /* what happened and what to do; ends in a colon when a command follows */
  char **checks;       /* what to look at, one after the other; NULL: nothing */
  const char *command; /* for a terminal, exact; NULL: none */
  const char *note;    /* what is to be known about the command; NULL: nothing */
} SyTrouble;

#define SY_TYPE_TROUBLE (sy_trouble_get_type())
GType sy_trouble_get_type(void);

/* What a trouble is told from; what does not matter for its kind may be NULL. */
typedef struct {
  const char *port; /* as sy_link_open takes it */
  const char *said; /* OTHER: what happened, a sentence; NOT_A_SUBSTATION: what arrived, printable;
                       CLOSED, TAKEN: what the server said, or NULL */
  const SyPortAccess *access;   /* DENIED, and ABSENT in a sandbox */
  const SyPortHolders *holders; /* BUSY, and whatever was heard */
  const SyPortRule *rule;       /* DENIED, BUSY, and whatever was heard; NULL: there is none */
} SyTroubleFacts;

/* From facts: BUSY becomes MODEM_MANAGER when that is likely, ABSENT becomes DENIED when a sandbox
 * hides the port, and what was heard, or was not, BUSY when another program has the port open too
 * and takes from it. GONE becomes CLOSED behind a network. */
SyTrouble *sy_trouble_new(SyTroubleKind kind, const SyTroubleFacts *facts);
/* From what this machine says of the port now. */
SyTrouble *sy_trouble_find(SyTroubleKind kind, const char *port, const char *said);
SyTrouble *sy_trouble_ref(SyTrouble *self);
void sy_trouble_unref(SyTrouble *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyTrouble, sy_trouble_unref)

/* "busy": for scripts. */
const char *sy_trouble_kind_to_key(SyTroubleKind kind);

/* Everything but the title, in one line; free with g_free. */
char *sy_trouble_dup_sentence(const SyTrouble *self);
/* Everything but the title, with checks and command in lines of their own; free with g_free. */
char *sy_trouble_dup_lines(const SyTrouble *self);

/* The file behind a port: without "pty:". */
const char *sy_port_name_get_device(const char *port);
/* The same, and of an adapter that is known by what it says of itself, the file that it has now, if
 * it is there; free with g_free. */
char *sy_port_name_dup_device(const char *port);

G_END_DECLS
