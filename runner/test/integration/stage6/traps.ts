import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { startPhp, type PhpServer } from '../../../../sandbox/servers/php.js';
import { type World } from '../../../../sandbox/world.js';

/** Somebody else's server, which notes what reached it. */
export interface Trap {
  readonly host: string;
  readonly port: number;
  readonly caught: string[];
  stop(): void;
}

async function listen(server: Server, host: string, caught: string[]): Promise<Trap> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return { host, port, caught, stop: () => server.close() };
}

/** Notes `METHOD /path` of every request. */
export function httpTrap(host: string): Promise<Trap> {
  const caught: string[] = [];
  const server = createHttpServer((request, answer) => {
    caught.push(`${request.method ?? ''} ${request.url ?? ''}`);
    answer.end('hello');
  });
  return listen(server, host, caught);
}

/** Notes every connection, and turns it away as a busy mail server does. */
export function smtpTrap(host: string): Promise<Trap> {
  const caught: string[] = [];
  const server = createServer((socket) => {
    caught.push('connection');
    socket.on('error', () => undefined);
    socket.end('421 trap closes\r\n');
  });
  return listen(server, host, caught);
}

/** A program in sendmail's place that writes what it is given into a file. */
export interface MailTrap {
  readonly command: string;
  /** What was mailed since it was last asked. */
  caught(): string;
}

export function mailTrap(folder: string): MailTrap {
  const file = path.join(folder, 'mails');
  const program = path.join(folder, 'sendmail');
  writeFileSync(program, `#!/bin/sh\ncat >> '${file}'\n`, { mode: 0o755 });
  return {
    command: `${program} -t -i`,
    caught: () => {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      writeFileSync(file, '');
      return text;
    },
  };
}

/** Staging's web server anew, with another sendmail. */
export async function serveStagingWith(world: World, sendmail: string): Promise<PhpServer> {
  const { web, root } = world.staging;
  await web.stop();
  const { address, port } = web;
  return startPhp({ root, address, port, settings: [`sendmail_path=${sendmail}`] });
}

/**
 * A plugin of production that acts on the outside: when it is asked (`?acme_act=…`), by a planned task that is due, and
 * by a queue like Action Scheduler's (https://actionscheduler.org/perf/: its filters by their names).
 */
export const actingPlugin = (traps: {
  readonly http: Trap;
  readonly smtp: Trap;
  readonly marker: string;
}): string => `<?php
function acme_mailer() {
  require_once ABSPATH . WPINC . '/PHPMailer/PHPMailer.php';
  require_once ABSPATH . WPINC . '/PHPMailer/SMTP.php';
  require_once ABSPATH . WPINC . '/PHPMailer/Exception.php';
  $mailer = new PHPMailer\\PHPMailer\\PHPMailer();
  $mailer->setFrom('shop@acme.test');
  $mailer->addAddress('customer@people.example');
  $mailer->Subject = 'Your order';
  $mailer->Body = 'is on its way';
  return $mailer;
}
function acme_mark($what) { file_put_contents('${traps.marker}', $what . ' in ' . DB_NAME . "\\n", FILE_APPEND); }
function acme_act($act) {
  $url = 'http://${traps.http.host}:${String(traps.http.port)}/' . $act;
  switch ($act) {
    case 'wp_mail': return wp_mail('customer@people.example', 'Your order', 'is on its way');
    case 'phpmailer-mail': return acme_mailer()->send();
    case 'phpmailer-sendmail': $m = acme_mailer(); $m->isSendmail(); return $m->send();
    case 'phpmailer-smtp': $m = acme_mailer(); $m->isSMTP(); $m->Host = '${traps.smtp.host}'; $m->Port = ${String(traps.smtp.port)}; $m->Timeout = 5; return $m->send();
    case 'mail': return mail('customer@people.example', 'Your order', 'past WordPress');
    case 'read': $a = wp_remote_get($url); break;
    case 'write': $a = wp_remote_post($url, array('body' => 'amount=5')); break;
    case 'purge': $a = wp_remote_request($url, array('method' => 'PURGE')); break;
    case 'curl': $c = curl_init($url); curl_setopt_array($c, array(CURLOPT_POSTFIELDS => 'amount=5', CURLOPT_RETURNTRANSFER => true)); $a = curl_exec($c); return $a === false ? curl_error($c) : $a;
    case 'due': return count(wp_get_ready_cron_jobs());
    case 'plan': return wp_schedule_single_event(time() - 60, 'acme_nightly') ? 'planned' : 'not planned';
    case 'queue': do_action('action_scheduler_run_queue'); return 'asked';
  }
  return is_wp_error($a) ? $a->get_error_code() : wp_remote_retrieve_body($a);
}
add_action('init', function () {
  if (isset($_GET['acme_act'])) { echo 'answer=', var_export(acme_act($_GET['acme_act']), true); exit; }
});
add_action('acme_nightly', function () { acme_mark('planned task'); });
add_action('action_scheduler_run_queue', function () {
  if (apply_filters('action_scheduler_queue_runner_concurrent_batches', 1) < 1) return;
  global $wpdb;
  foreach ($wpdb->get_col("SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE status = 'pending'") as $id) acme_mark("action $id");
});
add_action('shutdown', function () {
  if (apply_filters('action_scheduler_allow_async_request_runner', true)) do_action('action_scheduler_run_queue');
});
`;

/** A planned task that was due long ago, as production's \`cron\` option holds it. */
export const DUE_TASK =
  'a:2:{i:1000000000;a:1:{s:12:"acme_nightly";a:1:{s:32:"40cd750bba9870f18aada2478b24840a";a:3:{s:8:"schedule";s:5:"daily";s:4:"args";a:0:{}s:8:"interval";i:86400;}}}s:7:"version";i:2;}';
