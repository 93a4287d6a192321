import org.codehaus.groovy.control.CompilerConfiguration

/** Compiles a Jenkinsfile: steps and vars by name. */
class JenkinsfileCompiler {
    static final CompilerConfiguration CONFIGURATION = new CompilerConfiguration(scriptBaseClass: 'JenkinsScript')
}
