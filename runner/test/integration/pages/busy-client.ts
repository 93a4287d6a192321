import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type World } from '../../../../sandbox/world.js';

/** What a client that asks all the time was answered. */
export interface Answers {
  /** Pages whose code and rows are all of one copy. */
  whole: number;
  /** The maintenance page. */
  closed: number;
  /** Pages that mix two copies, as they were. */
  readonly mixed: string[];
  /** Anything else. */
  readonly errors: string[];
}

/** Loaded early; what it reads late comes from another file and another query. */
const plugin = (version: number): string => `<?php
add_action( 'template_redirect', function () {
	if ( ! isset( $_GET['version'] ) ) { return; }
	global $wpdb;
	$ask = "SELECT option_value FROM $wpdb->options WHERE option_name = 'acme_version'";
	$early = $wpdb->get_var( $ask );
	usleep( mt_rand( 0, 60000 ) );
	$late_code = include WP_CONTENT_DIR . '/acme-late/version.php';
	usleep( mt_rand( 0, 60000 ) );
	header( 'Cache-Control: no-store' );
	echo 'V:${String(version)}:' . $late_code . ':' . $early . ':' . $wpdb->get_var( $ask ) . ':V';
	exit;
} );
`;

/** Production's code and rows say this version, in several places; this many other files change with it. */
export async function publishVersion(world: World, version: number, files: number): Promise<void> {
  const content = path.join(world.production.root, 'wp-content');
  await mkdir(path.join(content, 'acme-late/more'), { recursive: true });
  await writeFile(path.join(content, 'mu-plugins/acme-version.php'), plugin(version));
  await writeFile(path.join(content, 'acme-late/version.php'), `<?php return ${String(version)};\n`);
  for (let index = 0; index < files; index++)
    await writeFile(
      path.join(content, `acme-late/more/${String(index)}.php`),
      `<?php // ${String(version)}\n`,
    );
  await world.production.server.query(
    `REPLACE INTO wp_options (option_name, option_value, autoload) VALUES ('acme_version', '${String(version)}', 'no')`,
    world.production.database,
  );
}

/** Asks with several requests at a time until it is stopped. */
export function startClient(
  world: World,
  atOnce = 4,
): { readonly answers: Answers; stop(): Promise<Answers> } {
  const answers: Answers = { whole: 0, closed: 0, mixed: [], errors: [] };
  let stopped = false;
  const ask = async (): Promise<void> => {
    while (!stopped) note(answers, await world.get(world.staging, '/?version=1').catch(String));
  };
  const loops = Array.from({ length: atOnce }, ask);
  const stop = async (): Promise<Answers> => {
    stopped = true;
    await Promise.all(loops);
    return answers;
  };
  return { answers, stop };
}

function note(answers: Answers, page: string | { readonly status: number; readonly body: string }): void {
  if (typeof page === 'string') answers.errors.push(page);
  else if (page.status === 503 && !/V:/.test(page.body)) answers.closed++;
  else {
    const found = /^V:(\d+):(\d+):(\d+):(\d+):V$/.exec(page.body.trim());
    if (page.status !== 200 || found === null)
      answers.errors.push(`${String(page.status)} ${page.body.slice(0, 300)}`);
    else if (new Set(found.slice(1)).size > 1) answers.mixed.push(page.body.trim());
    else answers.whole++;
  }
}
