import org.codehaus.groovy.ast.ModuleNode
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/** Groovy text as the syntax tree that Jenkins' own rules look at. */
class SyntaxTree {
    static ModuleNode of(String text, int phase) {
        CompilerConfiguration configuration = new CompilerConfiguration()
        ImportCustomizer imports = new ImportCustomizer()
        // Jenkins imports it by itself.
        imports.addImports('com.cloudbees.groovy.cps.NonCPS')
        configuration.addCompilationCustomizers(imports)
        CompilationUnit unit = new CompilationUnit(configuration, null, new GroovyClassLoader(SyntaxTree.classLoader))
        unit.addSource('text.groovy', text)
        unit.compile(phase)
        return unit.AST.modules[0]
    }
}
