/** What the must-use plugin on staging is told. Everything in it is data: it stands in the PHP file as a quoted JSON text. */
export interface MuPluginOptions {
  readonly run: string;
  readonly cron: 'off' | 'keep';
  /** Outgoing HTTP only to staging itself, to wordpress.org and to `allowHttp`. */
  readonly blockHttp: boolean;
  /** Host names; `*.example.com` for all below. */
  readonly allowHttp: readonly string[];
  readonly stagingHost: string;
}

/** Relative to the content folder. Never sent by a sync and never deleted by one. */
export const MU_PLUGIN_FILE = 'mu-plugins/understudy.php';
/** Option in the main site's table: `{run, token, expires}`; the token as SHA-256. */
export const STATE_OPTION = 'understudy_state';

/** A PHP literal in single quotes: only the quote and the backslash mean anything in it. */
const phpString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** The file's text. The same for the same options; values cannot leave their quotes. */
export function muPluginText(options: MuPluginOptions): string {
  return TEXT.replace('%OPTIONS%', () => phpString(JSON.stringify(options)));
}

// WordPress loads must-use plugins before all others and before pluggable.php, so our wp_mail() is the only one.
const TEXT = String.raw`<?php
/**
 * Plugin Name: Understudy
 * Description: Keeps this staging copy harmless: no mail, no planned tasks, no search engines. Written by every sync; do not edit.
 */
if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

final class Understudy_Staging {
	private static $options = array();

	public static function start( array $options ) {
		self::$options = $options;
		self::fresh_cache();
		if ( ! headers_sent() ) {
			header( 'X-Robots-Tag: noindex, nofollow' );
		}
		add_filter( 'wp_headers', array( __CLASS__, 'headers' ), PHP_INT_MAX );
		add_filter( 'pre_option_blog_public', '__return_zero', PHP_INT_MAX );
		add_filter( 'pre_wp_mail', '__return_true', PHP_INT_MAX );
		add_action( 'phpmailer_init', array( __CLASS__, 'nobody' ), PHP_INT_MAX );
		if ( ! empty( $options['blockHttp'] ) ) {
			add_filter( 'pre_http_request', array( __CLASS__, 'http' ), PHP_INT_MAX, 3 );
		}
		if ( 'keep' !== $options['cron'] ) {
			if ( ! defined( 'DISABLE_WP_CRON' ) ) {
				define( 'DISABLE_WP_CRON', true );
			}
			add_filter( 'pre_get_ready_cron_jobs', '__return_empty_array', PHP_INT_MAX );
			add_filter( 'action_scheduler_allow_async_request_runner', '__return_false', PHP_INT_MAX );
			add_filter( 'action_scheduler_queue_runner_concurrent_batches', '__return_zero', PHP_INT_MAX );
		}
		add_filter( 'woocommerce_webhook_should_deliver', '__return_false', PHP_INT_MAX );
		add_filter( 'woocommerce_subscriptions_is_duplicate_site', '__return_true', PHP_INT_MAX );
	}

	/** The row that says which copy the database is; read past the object cache, which may be of another one. */
	private static function state() {
		global $wpdb;
		$table = ( isset( $wpdb->base_prefix ) ? $wpdb->base_prefix : $wpdb->prefix ) . 'options';
		$shown = $wpdb->suppress_errors( true );
		$value = $wpdb->get_var( "SELECT option_value FROM $table WHERE option_name = 'understudy_state'" );
		$wpdb->suppress_errors( $shown );
		$state = is_string( $value ) ? json_decode( $value, true ) : null;
		return is_array( $state ) ? $state : array();
	}

	/** An object cache that outlived its database is emptied before anything reads it. */
	private static function fresh_cache() {
		$state = self::state();
		$run   = isset( $state['run'] ) ? (string) $state['run'] : '';
		if ( '' !== $run && wp_using_ext_object_cache() && wp_cache_get( 'run', 'understudy' ) !== $run ) {
			wp_cache_flush();
			wp_cache_set( 'run', $run, 'understudy' );
		}
		if ( isset( $_SERVER['HTTP_X_UNDERSTUDY_TOKEN'], $state['token'], $state['expires'] )
			&& time() < (int) $state['expires']
			&& hash_equals( (string) $state['token'], hash( 'sha256', (string) $_SERVER['HTTP_X_UNDERSTUDY_TOKEN'] ) ) ) {
			self::clear( $state );
		}
	}

	/** One request with the one-time token empties what only a request can empty: OPcache belongs to PHP's processes. */
	private static function clear( array $state ) {
		global $wpdb;
		$table = ( isset( $wpdb->base_prefix ) ? $wpdb->base_prefix : $wpdb->prefix ) . 'options';
		unset( $state['token'], $state['expires'] );
		$wpdb->update( $table, array( 'option_value' => wp_json_encode( $state ) ), array( 'option_name' => 'understudy_state' ) );
		$opcache = function_exists( 'opcache_reset' ) && @opcache_reset();
		wp_cache_flush();
		header( 'Content-Type: application/json' );
		header( 'Cache-Control: no-store' );
		echo wp_json_encode( array( 'understudy' => 'cleared', 'opcache' => (bool) $opcache, 'objectCache' => (bool) wp_using_ext_object_cache() ) );
		exit;
	}

	public static function headers( $headers ) {
		$headers                 = (array) $headers;
		$headers['X-Robots-Tag'] = 'noindex, nofollow';
		return $headers;
	}

	public static function nobody( $mailer ) {
		$mailer->clearAllRecipients();
	}

	public static function http( $answer, $arguments, $url ) {
		$host = strtolower( (string) parse_url( $url, PHP_URL_HOST ) );
		if ( self::allowed( $host ) ) {
			return $answer;
		}
		return new WP_Error( 'understudy_blocked', 'Understudy keeps this staging site from talking to ' . $host . ' (staging.allowHttp).' );
	}

	private static function allowed( $host ) {
		$patterns = array_merge(
			array( 'localhost', '127.0.0.1', 'wordpress.org', '*.wordpress.org', self::$options['stagingHost'] ),
			self::$options['allowHttp']
		);
		foreach ( $patterns as $pattern ) {
			$pattern = strtolower( (string) $pattern );
			if ( $host === $pattern || ( 0 === strpos( $pattern, '*.' ) && substr( $host, -( strlen( $pattern ) - 1 ) ) === substr( $pattern, 1 ) ) ) {
				return true;
			}
		}
		return false;
	}
}

if ( ! function_exists( 'wp_mail' ) ) {
	function wp_mail( $to, $subject, $message, $headers = '', $attachments = array() ) {
		do_action( 'understudy_mail_blocked', compact( 'to', 'subject' ) );
		return true;
	}
}

Understudy_Staging::start( json_decode( %OPTIONS%, true ) );
`;
