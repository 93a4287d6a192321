<?php
/*
 * Installs WordPress through its own code and fills it with what an agency's site holds.
 * usage: php install.php <base64 of a JSON object>; run in the document root, which has a wp-config.php.
 *   url, title, user, email, password, tagline, step ("install" | "network" | "content")
 */
declare(strict_types=1);
$wanted = json_decode(base64_decode($argv[1]), true, 16, JSON_THROW_ON_ERROR);
$address = parse_url($wanted['url']);
$_SERVER += ['HTTP_HOST' => $address['host'], 'SERVER_NAME' => $address['host'], 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET', 'REMOTE_ADDR' => '127.0.0.1'];
$_SERVER['HTTP_HOST'] = $address['host'];

// Installing sends a mail and asks the site itself over HTTP; here there is neither.
function wp_new_blog_notification() {}
function wp_mail() { return true; }
$wp_filter = ['pre_http_request' => [10 => ['sandbox' => ['function' => fn () => new WP_Error('sandbox', 'no network'), 'accepted_args' => 0]]]];
if ($wanted['step'] !== 'content') {
    define('WP_INSTALLING', true);
}
require getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/network.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

if ($wanted['step'] === 'install') {
    wp_install($wanted['title'], $wanted['user'], $wanted['email'], true, '', $wanted['password']);
    update_option('siteurl', $wanted['url']);
    update_option('home', $wanted['url']);
    update_option('blogdescription', $wanted['tagline']);
    update_option('permalink_structure', '/%postname%/');
    switch_theme('acme');
} elseif ($wanted['step'] === 'network') {
    foreach ($wpdb->tables('ms_global') as $table => $prefixed) {
        $wpdb->$table = $prefixed;
    }
    install_network();
    populate_network(1, $address['host'], $wanted['email'], $wanted['title'], '/', false);
} else {
    fill($wanted);
}
echo 'ok';

function fill(array $wanted): void
{
    $url = $wanted['url'];
    if (is_multisite()) {
        foreach (['north', 'south'] as $name) {
            $id = wpmu_create_blog(parse_url($url, PHP_URL_HOST), "/$name/", "Acme $name", 1);
            switch_to_blog($id);
            switch_theme('acme');
            wp_insert_post(['post_title' => "News from the $name", 'post_status' => 'publish', 'post_content' => "<a href=\"$url/$name/about/\">$name</a>"]);
            restore_current_blog();
        }
    }
    foreach (['editor' => 'editor', 'author' => 'author', 'shop' => 'subscriber'] as $login => $role) {
        wp_insert_user(['user_login' => $login . '-' . $wanted['user'], 'user_pass' => wp_generate_password(), 'user_email' => "$login@people.example", 'role' => $role, 'user_url' => "$url/team/$login/", 'description' => "Überall, 舞台: $url/team/"]);
    }
    update_option('widget_custom_html', [2 => ['title' => 'Tickets', 'content' => "<a href=\"$url/tickets/\">Tickets für heute</a>"], '_multiwidget' => 1]);
    update_option('widget_text', [2 => ['title' => 'Überblick', 'text' => "Images from //" . parse_url($url, PHP_URL_HOST) . "/wp-content/", 'filter' => true], '_multiwidget' => 1]);
    update_option('sidebars_widgets', ['wp_inactive_widgets' => [], 'sidebar-1' => ['custom_html-2', 'text-2'], 'array_version' => 3]);
    set_theme_mod('acme_logo', "$url/wp-content/uploads/2024/05/photo-5.png");
    set_theme_mod('acme_nested', ['json' => wp_json_encode(['logo' => "$url/logo.png"]), 'php' => serialize(['again' => "$url/again/"])]);
    update_option('acme_shop', (object) ['url' => "$url/shop/", 'rate' => 0.1, 'open' => true, 'words' => ['Straße', '東京']]);
    set_transient('acme_cached_page', "<a href=\"$url/\">old</a>", 3600);

    $front = wp_insert_post(['post_title' => 'On stage', 'post_type' => 'page', 'post_status' => 'publish', 'post_name' => 'on-stage', 'post_content' => wp_slash(
        "<!-- wp:paragraph --><p>Tonight: <a href=\"$url/tickets/\">{$wanted['title']}</a></p><!-- /wp:paragraph -->\n"
        . "<!-- wp:image {\"id\":5} --><figure class=\"wp-block-image\"><img src=\"$url/wp-content/uploads/2024/05/photo-5.png\" alt=\"\"/></figure><!-- /wp:image -->\n"
        . '<!-- wp:acme/card {"html":"\u003ca href=\u0022' . str_replace('/', '\/', $url) . '\/tickets\/\u0022\u003e"} /-->')]);
    $tickets = wp_insert_post(['post_title' => 'Tickets', 'post_type' => 'page', 'post_status' => 'publish', 'post_name' => 'tickets', 'post_content' => "Written by mail to info@" . preg_replace('/^www\./', '', parse_url($url, PHP_URL_HOST)) . " or at $url/tickets/."]);
    update_option('show_on_front', 'posts');
    $menu = wp_create_nav_menu('Main');
    wp_update_nav_menu_item($menu, 0, ['menu-item-title' => 'Front', 'menu-item-object' => 'page', 'menu-item-object-id' => $front, 'menu-item-type' => 'post_type', 'menu-item-status' => 'publish']);
    wp_update_nav_menu_item($menu, 0, ['menu-item-title' => 'Tickets', 'menu-item-url' => "$url/tickets/", 'menu-item-status' => 'publish']);
    set_theme_mod('nav_menu_locations', ['main' => $menu]);
    flush_rewrite_rules(false);
}
