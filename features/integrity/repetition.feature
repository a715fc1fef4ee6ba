@integrity @pci-6.2.4 @cwe-837 @cwe-362 @asvs-V2.3.3 @wstg-BUSL-05
Feature: Whatever is asked for twice is done once

  Shoppers are impatient, browsers repeat, two windows are open. The second click must not become a second payment.

  @high @defect-R10
  Scenario Outline: "Pay" pressed <times> times at once is one payment
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper presses "Pay" <times> times at once
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 payment
    And the provider has 49.99 EUR captured

    Examples:
      | times |
      | 2     |
      | 8     |

  @high @defect-R10 @defect-L02
  Scenario: Starting to pay twice goes on with the same payment
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper starts to pay
    Then the provider counts 1 payment

  @high @defect-R10 @defect-W27
  Scenario: A paid order cannot be paid again
    Given a shopper who paid 49.99 EUR
    When the shopper pays with a Mastercard
    Then the order stays paid
    And the provider has 49.99 EUR captured
    And the order is fulfilled once

  @high @defect-R10
  Scenario: Two windows, two ways to pay, one payment
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the shopper pays with a Mastercard
    Then the order is paid
    And the provider has 49.99 EUR captured
    And the order is fulfilled once

  @high @defect-W24
  Scenario: The page after payment can be opened as often as one likes
    Given a shopper who paid 49.99 EUR
    When the shopper comes back to the shop 5 times at once
    Then the order stays paid
    And the order is fulfilled once

  @critical @defect-R02 @defect-R01
  Scenario: Every call that moves money carries a key against repetition
    Given a shopper with 100.00 EUR held on their card
    When the operator captures the payment
    And the order is seen as paid
    And the operator refunds 20.00 EUR
    Then every call that moved money carried a key of its own
