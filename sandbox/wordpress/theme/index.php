<!doctype html>
<html <?php language_attributes(); ?>>
<head><meta charset="<?php bloginfo('charset'); ?>"><?php wp_head(); ?></head>
<body <?php body_class(); ?>>
<header><h1><a href="<?php echo esc_url(home_url('/')); ?>"><?php bloginfo('name'); ?></a></h1>
<p><?php bloginfo('description'); ?></p>
<?php if ($logo = get_theme_mod('acme_logo')) { ?><img class="logo" src="<?php echo esc_url($logo); ?>" alt=""><?php } ?>
<?php wp_nav_menu(['theme_location' => 'main', 'fallback_cb' => false]); ?></header>
<main>
<?php while (have_posts()) { the_post(); ?>
<article><h2><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h2><?php the_content(); ?></article>
<?php } ?>
</main>
<aside><?php dynamic_sidebar('sidebar-1'); ?></aside>
<?php wp_footer(); ?>
</body></html>
