// WordPress loads must-use plugins before all others and before pluggable.php, so our wp_mail() is the only one.
// PHPMailer calls mail(), popen() and the socket functions unqualified: inside its namespace ours are found first,
// whichever copy of it a plugin brings.

/** The file's text; `%OPTIONS%` stands for its options. */
export const PLUGIN_TEXT = String.raw`<?php
/**
 * Plugin Name: Understudy
 * Description: Keeps this staging copy harmless: no mail, no planned tasks, no search engines. Written by every sync; do not edit.
 */
namespace PHPMailer\PHPMailer {
	if ( ! \defined( 'ABSPATH' ) ) {
		exit;
	}
	if ( ! \function_exists( __NAMESPACE__ . '\mail' ) ) {
		function mail() {
			return true;
		}
		function popen() {
			return \fopen( 'php://temp', 'w' );
		}
		function pclose( $stream ) {
			\fclose( $stream );
			return 0;
		}
		function stream_socket_client() {
			return false;
		}
		function fsockopen() {
			return false;
		}
	}
}

namespace {
final class Understudy_Staging {
	private static $options = array();
	private static $proxies = array();

	public static function start( array $options ) {
		self::$options = $options;
		self::hide();
		self::keep_mail();
		if ( 'none' !== $options['blockHttp'] ) {
			self::keep_http();
		}
		if ( 'keep' !== $options['cron'] ) {
			self::keep_planned_work();
		}
		self::keep_shop();
		if ( isset( $options['readThrough'] ) ) {
			self::read_through( $options['readThrough'] );
		}
		self::fresh_cache();
		if ( 'keep' !== $options['cron'] && defined( 'DOING_CRON' ) && DOING_CRON && ! defined( 'WP_CLI' ) ) {
			self::leave();
		}
	}

	/** Ends the request; must-use plugins that were loaded before this one get no last word. */
	private static function leave() {
		remove_all_actions( 'shutdown' );
		exit;
	}

	private static function hide() {
		if ( ! headers_sent() ) {
			header( 'X-Robots-Tag: noindex, nofollow' );
		}
		add_filter( 'wp_headers', array( __CLASS__, 'headers' ), PHP_INT_MAX );
		add_filter( 'pre_option_blog_public', '__return_zero', PHP_INT_MAX );
	}

	private static function keep_mail() {
		add_filter( 'pre_wp_mail', '__return_true', PHP_INT_MAX );
		add_action( 'phpmailer_init', array( __CLASS__, 'nobody' ), PHP_INT_MAX );
		if ( ! defined( 'WPMS_DO_NOT_SEND' ) ) {
			define( 'WPMS_DO_NOT_SEND', true );
		}
	}

	private static function keep_http() {
		add_filter( 'pre_http_request', array( __CLASS__, 'http' ), PHP_INT_MAX, 3 );
		add_filter( 'pre_ping', array( __CLASS__, 'no_pings' ), PHP_INT_MAX );
		if ( ! function_exists( 'putenv' ) ) {
			return;
		}
		// Libraries of payment and storage services use libcurl past WordPress. It reads these, and meets a closed door.
		foreach ( array( 'http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY' ) as $name ) {
			self::$proxies[ $name ] = (string) getenv( $name );
			putenv( $name . '=http://127.0.0.1:1' );
		}
		$open = array();
		foreach ( self::always_allowed() as $host ) {
			$open[] = 0 === strpos( $host, '*.' ) ? substr( $host, 1 ) : $host;
		}
		putenv( 'no_proxy=' . implode( ',', $open ) );
		putenv( 'NO_PROXY=' . implode( ',', $open ) );
		add_action( 'http_api_curl', array( __CLASS__, 'own_curl' ), PHP_INT_MAX, 3 );
	}

	/** WordPress' own requests were judged by http(): they go the way that they went without us. */
	public static function own_curl( $handle, $arguments, $url ) {
		if ( defined( 'WP_PROXY_HOST' ) ) {
			return;
		}
		$names = 0 === strpos( strtolower( $url ), 'https:' ) ? array( 'https_proxy', 'HTTPS_PROXY' ) : array( 'http_proxy' );
		$found = '';
		foreach ( array_merge( $names, array( 'all_proxy', 'ALL_PROXY' ) ) as $name ) {
			$found = '' === $found ? self::$proxies[ $name ] : $found;
		}
		curl_setopt( $handle, CURLOPT_PROXY, $found );
	}

	private static function keep_planned_work() {
		if ( ! defined( 'DISABLE_WP_CRON' ) ) {
			define( 'DISABLE_WP_CRON', true );
		}
		add_filter( 'pre_get_ready_cron_jobs', '__return_empty_array', PHP_INT_MAX );
		// What is never planned is not run either by a crontab that calls WP-CLI.
		foreach ( array( -PHP_INT_MAX, PHP_INT_MAX ) as $priority ) {
			add_filter( 'pre_schedule_event', '__return_false', $priority );
			add_filter( 'pre_reschedule_event', '__return_false', $priority );
		}
		add_filter( 'action_scheduler_allow_async_request_runner', '__return_false', PHP_INT_MAX );
		add_filter( 'action_scheduler_queue_runner_concurrent_batches', '__return_zero', PHP_INT_MAX );
	}

	private static function keep_shop() {
		add_filter( 'woocommerce_webhook_should_deliver', '__return_false', PHP_INT_MAX );
		add_filter( 'woocommerce_subscriptions_is_duplicate_site', '__return_true', PHP_INT_MAX );
	}

	/** The web server hands on what it does not find: a missing upload is production's. */
	private static function read_through( array $media ) {
		$method = isset( $_SERVER['REQUEST_METHOD'] ) ? $_SERVER['REQUEST_METHOD'] : '';
		$uri    = isset( $_SERVER['REQUEST_URI'] ) ? (string) $_SERVER['REQUEST_URI'] : '';
		$host   = strtolower( isset( $_SERVER['HTTP_HOST'] ) ? (string) $_SERVER['HTTP_HOST'] : '' );
		$path   = (string) strtok( $uri, '?' );
		if ( ( 'GET' !== $method && 'HEAD' !== $method ) || false !== strpos( rawurldecode( $path ), '..' ) || preg_match( '/\.php[0-9]*$/i', $path ) ) {
			return;
		}
		$found = array_filter(
			$media['folders'],
			function ( $folder ) use ( $path ) {
				return false !== strpos( $path, '/' . $folder . '/' ) && '/' !== substr( $path, -1 );
			}
		);
		$best = null;
		foreach ( $media['addresses'] as $address ) {
			$fits = 0 === strpos( $host . $path, $address['staging'] . '/' );
			if ( $fits && ( null === $best || strlen( $address['staging'] ) > strlen( $best['staging'] ) ) ) {
				$best = $address;
			}
		}
		if ( $found && null !== $best ) {
			header( 'Cache-Control: no-store' );
			header( 'Location: ' . $best['production'] . substr( $host . $uri, strlen( $best['staging'] ) ), true, 302 );
			self::leave();
		}
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
		echo wp_json_encode(
			array(
				'understudy'  => 'cleared',
				'run'         => (string) self::$options['run'],
				'opcache'     => (bool) $opcache,
				'objectCache' => (bool) wp_using_ext_object_cache(),
				'mailProgram' => self::mail_program(),
				'putenv'      => function_exists( 'putenv' ),
				'mailer'      => self::mailer(),
			)
		);
		self::leave();
	}

	/** The file whose wp_mail() it is; '' for ours. A must-use plugin that was loaded before this one may have brought it. */
	private static function mailer() {
		$reflection = new ReflectionFunction( 'wp_mail' );
		return __FILE__ === $reflection->getFileName() ? '' : (string) $reflection->getFileName();
	}

	/** The program to which PHP's mail() hands mail, which no plugin can stop; '' where there is none. */
	private static function mail_program() {
		$line    = trim( (string) ini_get( 'sendmail_path' ) );
		$program = strtok( $line, " \t" );
		if ( ! function_exists( 'mail' ) || false === $program ) {
			return '';
		}
		$harmless = in_array( basename( $program ), array( 'true', 'false' ), true );
		$exists   = '/' !== $program[0] || ! function_exists( 'is_executable' ) || @is_executable( $program ) || '' !== (string) ini_get( 'open_basedir' );
		return $harmless || ! $exists ? '' : $line;
	}

	public static function headers( $headers ) {
		$headers                 = (array) $headers;
		$headers['X-Robots-Tag'] = 'noindex, nofollow';
		return $headers;
	}

	public static function nobody( $mailer ) {
		$mailer->clearAllRecipients();
	}

	public static function no_pings( &$links ) {
		$links = array();
	}

	public static function http( $answer, $arguments, $url ) {
		$host   = strtolower( (string) parse_url( $url, PHP_URL_HOST ) );
		$method = strtoupper( isset( $arguments['method'] ) ? (string) $arguments['method'] : 'GET' );
		$reads  = 'GET' === $method || 'HEAD' === $method;
		if ( self::is_among( $host, self::always_allowed() )
			|| ( $reads && ( 'writes' === self::$options['blockHttp'] || self::is_among( $host, array( 'wordpress.org', '*.wordpress.org' ) ) ) ) ) {
			return $answer;
		}
		return new WP_Error( 'understudy_blocked', 'Understudy keeps this staging site from sending ' . $method . ' to ' . $host . ' (staging.blockHttp, staging.allowHttp).' );
	}

	private static function always_allowed() {
		return array_map( 'strtolower', array_merge( array( 'api.wordpress.org' ), self::$options['ownHosts'], self::$options['allowHttp'] ) );
	}

	private static function is_among( $host, array $patterns ) {
		foreach ( $patterns as $pattern ) {
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
}
`;
