/** What a Jenkinsfile or a file of vars/ is: steps and other vars are called by name. */
abstract class JenkinsScript extends Script {
    @Override
    Object invokeMethod(String name, Object arguments) {
        // Groovy's own `sleep` gives way to the step, in Jenkins too.
        if (name != 'sleep' && getMetaClass().respondsTo(this, name)) {
            return super.invokeMethod(name, arguments)
        }
        return build().step(name, arguments as Object[])
    }

    @Override
    Object getProperty(String name) {
        Object build = build()
        if (name in ['params', 'env', 'currentBuild', 'scm', 'any', 'none']) {
            return build."$name"
        }
        Object found = name in ['binding', 'metaClass', 'class'] ? null : build.variable(name)
        return found == null ? super.getProperty(name) : found
    }

    private Object build() {
        return getBinding().getVariable('jenkins')
    }
}
