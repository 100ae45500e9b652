/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What each trouble says. */

#include "sy-trouble.h"

#include "sy-config.h"
#include "sy-net-name.h"
#include "sy-serial.h"
#include "sy-stable-name.h"
#include "sy-trouble-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Behind what is public. */
typedef struct {
  SyTrouble trouble;
  char *text;
  char *command;
  char *note;
  gatomicrefcount count;
} Owner;

G_DEFINE_BOXED_TYPE(SyTrouble, sy_trouble, sy_trouble_ref, sy_trouble_unref)

SyTrouble *sy_trouble_ref(SyTrouble *self)
{
  g_atomic_ref_count_inc(&((Owner *)self)->count);
  return self;
}

void sy_trouble_unref(SyTrouble *self)
{
  Owner *owner = (Owner *)self;

  if (!g_atomic_ref_count_dec(&owner->count))
    return;
  g_free(owner->text);
  g_free(owner->command);
  g_free(owner->note);
  g_strfreev(self->checks);
  g_free(owner);
}

const char *sy_port_name_get_device(const char *port)
{
  return g_str_has_prefix(port, "pty:") ? port + strlen("pty:") : port;
}

char *sy_port_name_dup_device(const char *port)
{
  char *found = sy_stable_name_is_usb(port) ? sy_serial_find(port) : NULL;

  return found ? found : g_strdup(sy_port_name_get_device(port));
}

/* Takes text and command. */
static SyTrouble *make(SyTroubleKind kind, const char *title, char *text, char *command,
                       const char *note)
{
  Owner *owner = g_new0(Owner, 1);

  owner->text = text;
  owner->command = command;
  owner->note = g_strdup(note);
  owner->trouble = (SyTrouble){
      .kind = kind, .title = title, .text = text, .command = command, .note = owner->note};
  g_atomic_ref_count_init(&owner->count);
  return &owner->trouble;
}

static SyTrouble *make_plain(SyTroubleKind kind, const char *title, char *text)
{
  return make(kind, title, text, NULL, NULL);
}

/* "FTDI FT232R USB UART · A10K2" when that can be told. */
static char *dup_adapter(const char *link)
{
  g_autofree char *product = NULL;
  g_autofree char *serial = NULL;

  sy_stable_name_read(link, &product, &serial);
  if (product && serial)
    return g_strdup_printf("%s · %s", product, serial);
  return product ? g_steal_pointer(&product) : g_path_get_basename(link);
}

static SyTrouble *make_absent(const char *device)
{
  if (sy_stable_name_is_link(device)) {
    g_autofree char *adapter = dup_adapter(device);
    gboolean by_socket = strstr(device, "/by-path/") != NULL;

    return make_plain(
        SY_TROUBLE_ABSENT, _("The Adapter Is Not Plugged In"),
        g_strdup_printf(by_socket ? _("There is no adapter at %s. Plug it in at the same socket, "
                                      "or choose another port.")
                                  : _("The adapter %s is not there. Plug it in, at whichever "
                                      "socket: it is found by itself."),
                        adapter));
  }
  return make_plain(
      SY_TROUBLE_ABSENT, _("The Adapter Is Not Plugged In"),
      g_strdup_printf(_("There is no port %s. Plug the adapter in, or choose another port."),
                      device));
}

/* Whether installing the rule for adapters would change anything. */
static gboolean rule_helps(const SyPortRule *rule)
{
  return rule && rule->is_covered && !rule->is_installed;
}

static SyTrouble *make_hidden(const char *device)
{
  /* Translators: the command stays as it is; %s is the program's identifier. */
  g_autofree char *note = g_strdup_printf(
      _("“flatpak info --show-permissions %s” tells what it may use now."), SY_APP_ID);

  return make(
      SY_TROUBLE_DENIED, _("The Sandbox Hides the Port"),
      g_strdup_printf(_("The adapter is plugged in, but the sandbox that Switchyard runs in "
                        "does not show it: %s. Let Switchyard use devices, then start it "
                        "again:"),
                      device),
      g_strdup("flatpak override --user --device=all " SY_APP_ID), note);
}

/* What helps always, until the device is made anew. */
static SyTrouble *make_denied_to_group(const char *device, const SyPortAccess *access)
{
  g_autofree char *word = sy_shell_dup_word(device);
  g_autofree char *user = sy_shell_dup_word(access->user);

  return make(SY_TROUBLE_DENIED, _("No Permission for the Port"),
              g_strdup_printf(_("No permission to open %s, and there is no group to join that has "
                                "it. Make the port yours:"),
                              device),
              g_strdup_printf("sudo chown %s %s", user, word),
              _("It holds until the adapter is plugged in again or the computer restarts."));
}

/* Joins the port's group. In a sandbox its name is not to be seen, and the usual one is taken. */
static char *dup_join_command(const SyPortAccess *access)
{
  g_autofree char *group =
      access->is_confined ? g_strdup("dialout") : sy_shell_dup_word(access->group);
  g_autofree char *user = sy_shell_dup_word(access->user);

  return g_strdup_printf("sudo usermod -aG %s %s", group, user);
}

static SyTrouble *make_denied_to_rule(const char *device, const SyPortAccess *access,
                                      const SyPortRule *rule)
{
  gboolean may_join = access->is_confined || (access->group_may && !access->has_group);
  g_autofree char *join = may_join ? dup_join_command(access) : NULL;
  g_autofree char *note =
      join ? g_strdup_printf(
                 /* Translators: a command. */
                 _("It holds for good, for whoever sits at this computer. Or join the group that "
                   "has the port, then log out and in again: %s"),
                 join)
           : g_strdup(_("It holds for good, for whoever sits at this computer."));

  return make(
      SY_TROUBLE_DENIED, _("No Permission for the Port"),
      g_strdup_printf(_("No permission to open %s. Install the rule for such adapters; then "
                        "Switchyard goes on by itself. In a terminal:"),
                      device),
      g_strdup(rule->command), note);
}

static SyTrouble *make_denied(const char *device, const SyPortAccess *access,
                              const SyPortRule *rule)
{
  const char *title = _("No Permission for the Port");

  if (access->is_member && !access->has_group && access->group_may && !access->is_confined)
    return make_plain(
        SY_TROUBLE_DENIED, title,
        /* Translators: a port, a user and a group. */
        g_strdup_printf(_("No permission to open %s yet: %s is in the group %s, but was not when "
                          "this session began. Log out and in again."),
                        device, access->user, access->group));
  if (rule_helps(rule) && !access->is_remote)
    return make_denied_to_rule(device, access, rule);
  if (access->is_confined)
    return make(SY_TROUBLE_DENIED, title,
                g_strdup_printf(_("No permission to open %s: outside of the sandbox you are not in "
                                  "the group that has it, mostly dialout. Join it, then log out "
                                  "and in again:"),
                                device),
                dup_join_command(access),
                _("It asks for an administrator's password and holds for good."));
  if (!access->group_may || access->has_group)
    return make_denied_to_group(device, access);
  return make(SY_TROUBLE_DENIED, title,
              /* Translators: a port and a group. */
              g_strdup_printf(_("No permission to open %s: you are not in its group, %s. Join it, "
                                "then log out and in again:"),
                              device, access->group),
              dup_join_command(access),
              _("It asks for an administrator's password and holds for good."));
}

/* "picocom (process 4711), cat (process 4712)" */
static char *dup_holders(const SyPortHolders *holders)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < holders->found->len; i++) {
    const SyPortHolder *holder = g_ptr_array_index(holders->found, i);

    g_string_append(text, i > 0 ? ", " : "");
    /* Translators: a program and its number, as in "picocom (process 4711)". */
    g_string_append_printf(text, _("%s (process %u)"), holder->name, holder->pid);
  }
  return g_string_free(text, FALSE);
}

/* What ModemManager takes for a modem, perhaps. */
static gboolean is_modem_like(const char *device)
{
  return strstr(device, "/ttyUSB") || strstr(device, "/ttyACM");
}

static SyTrouble *make_modem_manager(const SyTroubleFacts *facts, const char *device, gboolean sure)
{
  const char *title = sure ? _("ModemManager Uses the Port") : _("ModemManager May Use the Port");
  g_autofree char *what =
      sure
          ? g_strdup_printf(_("ModemManager has %s open. It tries for some seconds whether a new "
                              "adapter is a modem."),
                            device)
          : g_strdup_printf(_("Another program uses %s, perhaps ModemManager, which tries for some "
                              "seconds whether a new adapter is a modem."),
                            device);

  /* For good, and nobody's mobile broadband is taken away. */
  if (rule_helps(facts->rule))
    return make(SY_TROUBLE_MODEM_MANAGER, title,
                /* Translators: a sentence that says who uses the port. */
                g_strdup_printf(_("%s Wait. Install the rule for such adapters, and it leaves them "
                                  "alone from then on:"),
                                what),
                g_strdup(facts->rule->command),
                _("If it does not end, stop it until the computer restarts: sudo systemctl stop "
                  "ModemManager"));
  return make(SY_TROUBLE_MODEM_MANAGER, title,
              /* Translators: a sentence that says who uses the port. */
              g_strdup_printf(_("%s Wait; if it does not end, stop it:"), what),
              g_strdup("sudo systemctl stop ModemManager"),
              _("It stays stopped until the computer restarts. Mobile broadband needs it."));
}

static SyTrouble *make_busy_unseen(const SyTroubleFacts *facts, const char *device)
{
  const SyPortHolders *holders = facts->holders;
  g_autofree char *word = sy_shell_dup_word(device);
  const char *title = _("Another Program Uses the Port");

  if (holders->here)
    return make_plain(SY_TROUBLE_BUSY, _("Another Window Uses the Port"),
                      g_strdup_printf(_("Another window of Switchyard uses %s. Close that, or "
                                        "choose another port in it."),
                                      device));
  if (holders->modem_manager && is_modem_like(device))
    return make_modem_manager(facts, device, FALSE);
  return make(SY_TROUBLE_BUSY, title,
              g_strdup_printf(holders->hidden
                                  ? _("Another program uses %s. It belongs to another user and "
                                      "cannot be seen from here. Find out which, and close it:")
                                  : _("Another program uses %s and does not show which it is. "
                                      "Find out, and close it:"),
                              device),
              g_strdup_printf("sudo fuser -v %s", word), NULL);
}

static SyTrouble *make_busy(const SyTroubleFacts *facts, const char *device)
{
  const SyPortHolders *holders = facts->holders;
  g_autofree char *names = NULL;

  if (holders->found->len == 0)
    return make_busy_unseen(facts, device);
  names = dup_holders(holders);
  for (guint i = 0; i < holders->found->len; i++) {
    const SyPortHolder *holder = g_ptr_array_index(holders->found, i);

    if (sy_port_holder_is_modem_manager(holder))
      return make_modem_manager(facts, device, TRUE);
    if (sy_port_holder_is_switchyard(holder))
      return make_plain(SY_TROUBLE_BUSY, _("Another Switchyard Uses the Port"),
                        /* Translators: a port, and a program with its process. */
                        g_strdup_printf(_("Another Switchyard uses %s: %s. Let it finish and "
                                          "close it; then this one goes on by itself."),
                                        device, names));
  }
  return make_plain(SY_TROUBLE_BUSY, _("Another Program Uses the Port"),
                    /* Translators: a port, and programs with their processes. */
                    g_strdup_printf(_("Another program uses %s: %s. Close it; then Switchyard goes "
                                      "on by itself."),
                                    device, names));
}

/* What its line is set to, only its owner can say. */
static gboolean is_raw_net(const char *port)
{
  g_autoptr(SyNetName) name = port && sy_net_name_is(port) ? sy_net_name_parse(port, NULL) : NULL;

  return name && name->kind == SY_NET_RAW;
}

static void add_checks(SyTrouble *self, const SyTroubleFacts *facts, const char *const *checks)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

  for (; *checks; checks++)
    g_strv_builder_add(builder, _(*checks));
  if (self->kind >= SY_TROUBLE_SILENT && is_raw_net(facts->port))
    g_strv_builder_add(builder, _("the serial server has this line at 115,200 baud, 8N1, without "
                                  "flow control"));
  if (facts->holders && facts->holders->modem_manager && is_modem_like(facts->port) &&
      !(facts->rule && facts->rule->is_covered && facts->rule->is_installed))
    g_strv_builder_add(builder, _("ModemManager runs here and tries new adapters: wait ten "
                                  "seconds, or stop it with “sudo systemctl stop ModemManager”"));
  self->checks = g_strv_builder_end(builder);
}

SyTrouble *sy_trouble_make(SyTroubleKind kind, const char *title, char *text,
                           const SyTroubleFacts *facts, const char *const *checks)
{
  SyTrouble *self = make_plain(kind, title, text);

  if (checks)
    add_checks(self, facts, checks);
  return self;
}

static SyTrouble *make_silent(const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the substation has power"), N_("this is the port that its cable is on"),
      N_("TXD goes to RXD both ways, and GND is connected"),
      N_("pin P0.14 is not held low: then the chip waits in a boot loader of its own. Free it, and "
         "switch the power off and on"),
      NULL};
  SyTrouble *self = make_plain(SY_TROUBLE_SILENT, _("No Substation Answers"),
                               g_strdup(_("No substation answers on this port: nothing arrives.")));

  add_checks(self, facts, checks);
  return self;
}

static SyTrouble *make_not_heard(const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("the wire from the adapter's TXD to the substation's RXD (P0.1)"),
      N_("the adapter's level: RS-232 and 3.3 V are not the same"), NULL};
  SyTrouble *self =
      make_plain(SY_TROUBLE_NOT_HEARD, _("The Substation Does Not Hear"),
                 g_strdup(_("No substation answers on this port, yet one is heard: what it says "
                            "arrives, what it is asked does not.")));

  add_checks(self, facts, checks);
  return self;
}

static SyTrouble *make_echo(const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("TXD and RXD do not touch each other, and no loop-back plug is in"),
      N_("the adapter does not echo, as some for RS-485 do"), NULL};
  SyTrouble *self = make_plain(SY_TROUBLE_ECHO, _("The Adapter Hears Itself"),
                               g_strdup(_("No substation answers on this port: only what is sent "
                                          "comes back.")));

  add_checks(self, facts, checks);
  return self;
}

static SyTrouble *make_wrong_rate(const SyTroubleFacts *facts)
{
  static const char *const checks[] = {
      N_("this is the port of a substation: it speaks at 115,200 baud, 8N1"),
      N_("GND is connected, and the adapter's level is right"),
      N_("an upgrade was not cut off just now: then the substation is back at its usual rate "
         "within "
         "ten seconds"),
      NULL};
  SyTrouble *self = make_plain(SY_TROUBLE_WRONG_RATE, _("Another Rate, or Another Device"),
                               g_strdup(_("Bytes arrive on this port, but nothing that a "
                                          "substation says: the rate or the device is another.")));

  add_checks(self, facts, checks);
  return self;
}

static SyTrouble *make_not_a_substation(const char *said)
{
  return make_plain(
      SY_TROUBLE_NOT_A_SUBSTATION, _("This Is Not a Substation"),
      /* Translators: what another device says, such as "login:". */
      g_strdup_printf(_("What answers on this port is not a substation; it says “%s”. Choose "
                        "another port, or put the cable on the substation."),
                      said ? said : "…"));
}

SyTrouble *sy_trouble_new(SyTroubleKind kind, const SyTroubleFacts *facts)
{
  const char *device = facts->port ? sy_port_name_get_device(facts->port) : "";
  gboolean shared = facts->holders && facts->holders->found->len > 0;

  switch (kind) {
  case SY_TROUBLE_ABSENT:
    return facts->access && facts->access->is_hidden ? make_hidden(device) : make_absent(device);
  case SY_TROUBLE_NO_HOST:
  case SY_TROUBLE_REFUSED:
  case SY_TROUBLE_UNREACHABLE:
  case SY_TROUBLE_CLOSED:
  case SY_TROUBLE_TAKEN:
  case SY_TROUBLE_NO_RFC2217:
  case SY_TROUBLE_NOT_RAW:
    return sy_trouble_make_net(kind, facts);
  case SY_TROUBLE_GONE:
    if (facts->port && sy_net_name_is(facts->port))
      return sy_trouble_make_net(SY_TROUBLE_CLOSED, facts);
    return make_plain(kind, _("The Connection Is Gone"),
                      g_strdup(_("The connection is gone: the cable was pulled, or the other end "
                                 "was closed. Plug it in again; then Switchyard goes on by "
                                 "itself.")));
  case SY_TROUBLE_DENIED:
    return make_denied(device, facts->access, facts->rule);
  case SY_TROUBLE_BUSY:
  case SY_TROUBLE_MODEM_MANAGER:
    return make_busy(facts, device);
  case SY_TROUBLE_SILENT:
    return shared ? make_busy(facts, device) : make_silent(facts);
  case SY_TROUBLE_NOT_HEARD:
    return shared ? make_busy(facts, device) : make_not_heard(facts);
  case SY_TROUBLE_WRONG_RATE:
    return shared ? make_busy(facts, device) : make_wrong_rate(facts);
  case SY_TROUBLE_ECHO:
    return make_echo(facts);
  case SY_TROUBLE_NOT_A_SUBSTATION:
    return make_not_a_substation(facts->said);
  case SY_TROUBLE_OTHER:
  default:
    return make_plain(SY_TROUBLE_OTHER, _("The Substation Is Not Reachable"),
                      g_strdup(facts->said ? facts->said : ""));
  }
}

SyTrouble *sy_trouble_find(SyTroubleKind kind, const char *port, const char *said)
{
  g_autofree char *device = port ? sy_port_name_dup_device(port) : g_strdup("");
  g_autoptr(SyPortAccess) access = NULL;
  g_autoptr(SyPortHolders) holders = NULL;
  g_autoptr(SyPortRule) rule = NULL;
  gboolean taken = kind == SY_TROUBLE_BUSY || kind >= SY_TROUBLE_SILENT;

  if (port && sy_stable_name_is_usb(port))
    port = device;
  if (kind == SY_TROUBLE_DENIED || kind == SY_TROUBLE_ABSENT)
    access = sy_port_access_look(device, "/");
  if (taken && !sy_net_name_is(device))
    holders = sy_port_holders_find(device, "/proc");
  if (taken || kind == SY_TROUBLE_DENIED)
    rule = sy_port_rule_look(device, NULL);
  return sy_trouble_new(kind, &(SyTroubleFacts){port, said, access, holders, rule});
}

const char *sy_trouble_kind_to_key(SyTroubleKind kind)
{
  static const char *const keys[] = {
      [SY_TROUBLE_OTHER] = "other",
      [SY_TROUBLE_ABSENT] = "absent",
      [SY_TROUBLE_GONE] = "gone",
      [SY_TROUBLE_DENIED] = "denied",
      [SY_TROUBLE_BUSY] = "busy",
      [SY_TROUBLE_MODEM_MANAGER] = "modem-manager",
      [SY_TROUBLE_NO_HOST] = "no-host",
      [SY_TROUBLE_REFUSED] = "refused",
      [SY_TROUBLE_UNREACHABLE] = "unreachable",
      [SY_TROUBLE_CLOSED] = "closed",
      [SY_TROUBLE_TAKEN] = "taken",
      [SY_TROUBLE_NO_RFC2217] = "no-rfc2217",
      [SY_TROUBLE_NOT_RAW] = "not-raw",
      [SY_TROUBLE_SILENT] = "silent",
      [SY_TROUBLE_NOT_HEARD] = "not-heard",
      [SY_TROUBLE_ECHO] = "echo",
      [SY_TROUBLE_WRONG_RATE] = "wrong-rate",
      [SY_TROUBLE_NOT_A_SUBSTATION] = "not-a-substation",
  };

  return keys[kind];
}

char *sy_trouble_dup_sentence(const SyTrouble *self)
{
  GString *text = g_string_new(self->text);

  if (self->checks) {
    g_autofree char *all = g_strjoinv("; ", self->checks);

    /* Translators: what to look at follows, as in "Check: the substation has power; …" */
    g_string_append_printf(text, _(" Check: %s."), all);
  }
  if (self->command)
    g_string_append_printf(text, " %s", self->command);
  return g_string_free(text, FALSE);
}

char *sy_trouble_dup_lines(const SyTrouble *self)
{
  GString *text = g_string_new(self->text);

  if (self->checks)
    g_string_append_printf(text, " %s", _("Check:"));
  for (char **check = self->checks; check && *check; check++)
    g_string_append_printf(text, "\n  • %s", *check);
  if (self->command)
    g_string_append_printf(text, "\n    %s", self->command);
  if (self->note)
    g_string_append_printf(text, "\n%s", self->note);
  return g_string_free(text, FALSE);
}
