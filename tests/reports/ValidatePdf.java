import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF whether a file is PDF/UA-1: ValidatePdf FILE. Prints what is wrong, a line each; ends with 1 then. */
public class ValidatePdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        VeraPDFFoundry foundry = Foundries.defaultInstance();
        try (PDFAParser file = foundry.createParser(new FileInputStream(arguments[0]), PDFAFlavour.PDFUA_1)) {
            ValidationResult result = foundry.createValidator(PDFAFlavour.PDFUA_1, false).validate(file);
            for (TestAssertion assertion : result.getTestAssertions())
                if (assertion.getStatus() == TestAssertion.Status.FAILED)
                    System.out.println(assertion.getRuleId().getClause() + ": " + assertion.getMessage());
            System.exit(result.isCompliant() ? 0 : 1);
        }
    }
}
