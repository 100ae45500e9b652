/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said of a port behind a network. */

#include "sy-net-name.h"
#include "sy-trouble-private.h"

#include <glib/gi18n-lib.h>

static SyTrouble *make_no_host(const SyNetName *name, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the name is spelt right"),
      N_("this computer is on the network that knows the name; some need a VPN"),
      N_("the server's IP address, in place of its name"), NULL};

  return sy_trouble_make(SY_TROUBLE_NO_HOST, _("The Server's Name Is Not Known"),
                         g_strdup_printf(_("Nobody knows a serial server named %s."), name->host),
                         facts, checks);
}

static SyTrouble *make_refused(const SyNetName *name, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the port number is the one that the serial server has for this line"),
      N_("the serial server's service runs, and no other program has its place"),
      N_("no firewall refuses it"), NULL};

  return sy_trouble_make(SY_TROUBLE_REFUSED, _("The Server Refuses the Connection"),
                         /* Translators: a host and a port number. */
                         g_strdup_printf(_("%s is there, but takes no connection on port %u."),
                                         name->host, name->port),
                         facts, checks);
}

static SyTrouble *make_unreachable(const char *address, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {N_("the serial server has power and its network cable"),
                                       N_("address and port number are right"),
                                       N_("this computer is on its network; some need a VPN"),
                                       N_("no firewall stands between"), NULL};

  return sy_trouble_make(SY_TROUBLE_UNREACHABLE, _("The Server Does Not Answer"),
                         /* Translators: host and port number, as in "10.0.0.7:2001". */
                         g_strdup_printf(_("The serial server at %s does not answer."), address),
                         facts, checks);
}

static SyTrouble *make_closed(const char *address, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the serial server was not restarted or set up anew"),
      N_("its own serial port is there: an adapter may have been pulled out of it"),
      N_("nobody else has taken the line over"), NULL};
  /* Translators: host and port number. */
  g_autofree char *what =
      g_strdup_printf(_("The serial server at %s closed the connection."), address);
  /* Translators: the server's own words. */
  g_autofree char *said = facts->said ? g_strdup_printf(_(" It said “%s”."), facts->said) : NULL;

  return sy_trouble_make(SY_TROUBLE_CLOSED, _("The Server Closed the Connection"),
                         g_strconcat(what, said, NULL), facts, checks);
}

static SyTrouble *make_taken(const char *address, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("no other Switchyard or terminal program is connected to it, on any computer"),
      N_("a connection that was cut off is over at the server too; that takes its time"), NULL};

  return sy_trouble_make(
      SY_TROUBLE_TAKEN, _("Somebody Else Uses the Server's Port"),
      /* Translators: host and port number; the server's own words. */
      g_strdup_printf(_("The serial server at %s has its port in use; it said “%s”. Close what "
                        "uses it, then connect again."),
                      address, facts->said ? facts->said : "…"),
      facts, checks);
}

static SyTrouble *make_no_rfc2217(const char *address, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("RFC 2217, which some call telnet with port control, is switched on for this line"),
      N_("host and port number are those of the line"), NULL};

  return sy_trouble_make(SY_TROUBLE_NO_RFC2217, _("The Server Speaks No RFC 2217"),
                         /* Translators: host and port number, twice. */
                         g_strdup_printf(_("What answers at %s speaks no RFC 2217. If it is a raw "
                                           "serial server, the port is socket://%s."),
                                         address, address),
                         facts, checks);
}

static SyTrouble *make_not_raw(const char *address, const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the port is the rfc2217:// one, or raw TCP is switched on for this line at the server"),
      N_("host and port number are those of the line"), NULL};

  return sy_trouble_make(SY_TROUBLE_NOT_RAW, _("The Server Is Not a Raw One"),
                         /* Translators: host and port number, twice. */
                         g_strdup_printf(_("What answers at %s speaks telnet, as servers do for "
                                           "RFC 2217. Then the port is rfc2217://%s."),
                                         address, address),
                         facts, checks);
}

static SyTrouble *make(SyTroubleKind kind, const SyNetName *name, const SyTroubleFacts *facts)
{
  g_autofree char *address = sy_net_name_dup_address(name);

  if (kind == SY_TROUBLE_NO_HOST)
    return make_no_host(name, facts);
  if (kind == SY_TROUBLE_REFUSED)
    return make_refused(name, facts);
  if (kind == SY_TROUBLE_UNREACHABLE)
    return make_unreachable(address, facts);
  if (kind == SY_TROUBLE_TAKEN)
    return make_taken(address, facts);
  if (kind == SY_TROUBLE_NO_RFC2217)
    return make_no_rfc2217(address, facts);
  if (kind == SY_TROUBLE_NOT_RAW)
    return make_not_raw(address, facts);
  return make_closed(address, facts);
}

SyTrouble *sy_trouble_make_net(SyTroubleKind kind, const SyTroubleFacts *facts)
{
  g_autoptr(SyNetName) name = sy_net_name_parse(facts->port, NULL);

  g_return_val_if_fail(name != NULL, NULL);

  return make(kind, name, facts);
}
