<?php
add_theme_support('title-tag');
add_action('init', function () {
    register_nav_menu('main', 'Main');
    register_sidebar(['name' => 'Side', 'id' => 'sidebar-1']);
});
add_action('wp_enqueue_scripts', fn () => wp_enqueue_style('acme', get_stylesheet_uri()));
